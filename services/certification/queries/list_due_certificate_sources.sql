SELECT DISTINCT source AS "source!"
FROM verification_jobs
WHERE due_us <= $1
ORDER BY source
