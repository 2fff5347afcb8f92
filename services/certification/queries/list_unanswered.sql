SELECT DISTINCT j.certificate AS "certificate!"
FROM verification_jobs AS j
JOIN certificates AS c ON c.id = j.certificate
WHERE j.source = $1 AND j.state = 'GIVEN_UP' AND c.state IN ('CLAIMED', 'FORMAT_OK')
    AND NOT EXISTS (
        SELECT 1 FROM verification_jobs AS o
        WHERE o.certificate = c.id
            AND (o.due_us IS NOT NULL OR o.state = 'CONCLUDED' OR o.update_time_us > $2))
ORDER BY j.certificate
LIMIT $3
