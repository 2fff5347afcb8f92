SELECT id AS "id!", holder AS "holder!", standard AS "standard!", job_type AS "job_type!", level AS "level!",
    issuer AS "issuer!", state AS "state!", state_since_us AS "state_since_us!", verified_us AS "verified_us?",
    evidence_until_us AS "evidence_until_us?", retry_us AS "retry_us?", version AS "version!"
FROM certificates
WHERE id > $1
ORDER BY id
LIMIT $2
