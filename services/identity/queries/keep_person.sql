UPDATE persons SET version = version WHERE id = $1 AND version = $2
