UPDATE standards
SET edition = $2, occupation_codes = $3, job_types = $4, digest = $5, tell_time_us = $6, version = $7
WHERE id = $1 AND version = $8
