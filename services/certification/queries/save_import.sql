UPDATE roll_imports SET state = $2, applied_count = $3, applied_through = $4, apply_time_us = $5, version = $6
WHERE id = $1 AND version = $7
