SELECT id AS "id!"
FROM persons
WHERE state = 'VERIFIED'
    AND evidence_until_us <= $2
    AND (document_until_us IS NULL OR document_until_us > evidence_until_us)
    AND EXISTS (
        SELECT 1 FROM proofings
        WHERE proofings.person = persons.id AND proofings.source = $1 AND proofings.result = 'MATCH'
            AND proofings.checked_at_us = persons.checked_at_us)
    AND NOT EXISTS (
        SELECT 1 FROM proofing_jobs
        WHERE proofing_jobs.person = persons.id AND proofing_jobs.source = $1
            AND (proofing_jobs.due_us IS NOT NULL OR proofing_jobs.update_time_us > $3))
ORDER BY evidence_until_us, id
LIMIT $4
