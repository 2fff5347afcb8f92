SELECT id AS "id!", number AS "number!", holder AS "holder!", standard AS "standard!", job_type AS
    "job_type!", level AS "level!", issuer AS "issuer!", issue_date AS "issue_date!", state AS "state!",
    state_since_us AS "state_since_us!", verified_time_us AS "verified_time_us?", evidence_until_us AS
    "evidence_until_us?", retry_time_us AS "retry_time_us?", check_time_us AS "check_time_us?", source AS
    "source!", revocation_reason AS "revocation_reason!", revocation_explanation AS
    "revocation_explanation!", revocation_basis AS "revocation_basis!", revocation_time_us AS
    "revocation_time_us!", version AS "version!", create_time_us AS "create_time_us!", update_time_us AS
    "update_time_us!", revocation_by AS "revocation_by!", hold_by AS "hold_by!", hold_beneath AS
    "hold_beneath!", measure_by AS "measure_by!", measure_explanation AS "measure_explanation!",
    measure_basis AS "measure_basis!", measure_time_us AS "measure_time_us!", superseded_by AS
    "superseded_by!", lapsed_time_us AS "lapsed_time_us?"
FROM certificates
WHERE id > $1 AND ($3 = '' OR CASE WHEN EXISTS (SELECT 1 FROM orphaned_certificates AS o WHERE o.id = certificates.id)
        THEN 'ISSUER_STRUCK_OFF' ELSE state END = $3)
ORDER BY id
LIMIT $2
