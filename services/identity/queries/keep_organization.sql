UPDATE organizations SET version = version WHERE id = $1 AND version = $2 AND state = 'ACTIVE'
