SELECT DISTINCT certificates.id AS "id!"
FROM evidence JOIN certificates ON certificates.id = evidence.certificate
WHERE evidence.source_name = $1 AND evidence.fresh_until_us > $2 AND evidence.fresh_until_us <= $3
    AND evidence.result = 'MATCH' AND certificates.state = 'VERIFIED'
    AND certificates.verified_time_us = evidence.check_time_us
    AND certificates.evidence_until_us = evidence.fresh_until_us
    AND NOT EXISTS (
        SELECT 1 FROM verification_jobs
        WHERE verification_jobs.certificate = certificates.id AND verification_jobs.source = $1
            AND (verification_jobs.due_us IS NOT NULL OR verification_jobs.update_time_us > $4))
ORDER BY certificates.id
LIMIT $5
