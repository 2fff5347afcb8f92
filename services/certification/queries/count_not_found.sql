SELECT COUNT(*) AS "count!: i64"
FROM verification_jobs
WHERE certificate = $1 AND result = 'NOT_FOUND' AND update_time_us >= $2
