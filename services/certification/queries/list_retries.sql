SELECT r.certificate AS "certificate!", r.source AS "source!: String"
FROM (
    SELECT certificates.id AS certificate, certificates.retry_time_us AS retry_time_us, COALESCE((
            SELECT verification_jobs.source FROM verification_jobs
            WHERE verification_jobs.certificate = certificates.id
            ORDER BY verification_jobs.id DESC
            LIMIT 1), '') AS source
    FROM certificates
    WHERE certificates.retry_time_us <= $1 AND certificates.state IN ('NOT_FOUND', 'VERIFIED')
        AND NOT EXISTS (
            SELECT 1 FROM verification_jobs
            WHERE verification_jobs.certificate = certificates.id
                AND (verification_jobs.due_us IS NOT NULL OR verification_jobs.update_time_us > $2))) AS r
WHERE $4 = '' OR $4 LIKE '% ' || r.source || ' %'
ORDER BY r.retry_time_us, r.certificate
LIMIT $3
