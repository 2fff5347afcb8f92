UPDATE verification_jobs
SET state = $3, ticket = $4, attempts = $5, outages = $6, due_us = $7, result = $8, update_time_us = $9,
    version = version + 1
WHERE id = $1 AND version = $2
