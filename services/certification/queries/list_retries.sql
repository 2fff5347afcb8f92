SELECT id AS "certificate!", COALESCE((
        SELECT source FROM verification_jobs
        WHERE verification_jobs.certificate = certificates.id
        ORDER BY verification_jobs.id DESC
        LIMIT 1), '') AS "source!: String"
FROM certificates
WHERE retry_time_us <= $1 AND state IN ('NOT_FOUND', 'VERIFIED')
    AND NOT EXISTS (
        SELECT 1 FROM verification_jobs
        WHERE verification_jobs.certificate = certificates.id
            AND (verification_jobs.due_us IS NOT NULL OR verification_jobs.update_time_us > $2))
ORDER BY retry_time_us, id
LIMIT $3
