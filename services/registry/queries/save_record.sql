UPDATE records SET about = $2, key = $3, state = $4, version = $5, update_time_us = $6, fact = $7
WHERE name = $1 AND version = $8
