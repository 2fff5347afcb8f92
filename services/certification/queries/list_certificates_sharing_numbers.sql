SELECT c.id AS "id!", c.number AS "number!", c.holder AS "holder!", c.standard AS "standard!", c.job_type AS
    "job_type!", c.level AS "level!", c.issuer AS "issuer!", c.issue_date AS "issue_date!", c.state AS
    "state!", c.state_since_us AS "state_since_us!", c.verified_time_us AS "verified_time_us?",
    c.evidence_until_us AS "evidence_until_us?", c.retry_time_us AS "retry_time_us?", c.check_time_us AS
    "check_time_us?", c.source AS "source!", c.revocation_reason AS "revocation_reason!",
    c.revocation_explanation AS "revocation_explanation!", c.revocation_basis AS "revocation_basis!",
    c.revocation_time_us AS "revocation_time_us!", c.version AS "version!", c.create_time_us AS
    "create_time_us!", c.update_time_us AS "update_time_us!", c.revocation_by AS "revocation_by!", c.hold_by
    AS "hold_by!", c.hold_beneath AS "hold_beneath!", c.measure_by AS "measure_by!", c.measure_explanation
    AS "measure_explanation!", c.measure_basis AS "measure_basis!", c.measure_time_us AS "measure_time_us!",
    c.superseded_by AS "superseded_by!", c.lapsed_time_us AS "lapsed_time_us?"
FROM certificates AS c
WHERE c.id > $1 AND ($3 = '' OR CASE WHEN EXISTS (SELECT 1 FROM orphaned_certificates AS r WHERE r.id = c.id)
        THEN 'ISSUER_STRUCK_OFF' ELSE c.state END = $3) AND ($4 = '' OR c.issuer = $4)
    AND EXISTS (SELECT 1 FROM certificates AS o WHERE o.number = c.number AND o.id <> c.id)
ORDER BY c.id
LIMIT $2
