SELECT DISTINCT source AS "source!"
FROM proofing_jobs
WHERE due_us <= $1
ORDER BY source
