UPDATE qualifications SET state = $2, state_since_us = $3, recheck_us = $4, due_us = $5, update_time_us = $6,
    version = $7
WHERE id = $1 AND version = $8
