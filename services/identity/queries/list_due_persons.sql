SELECT id AS "id!", lookup AS "lookup!", claim_lookup AS "claim_lookup!", proven_lookup AS "proven_lookup?",
    document_type AS "document_type!", state AS "state!", state_since_us AS "state_since_us!",
    evidence_until_us AS "evidence_until_us?", document_until_us AS "document_until_us?",
    checked_at_us AS "checked_at_us?", guardian_consent AS "guardian_consent!",
    guardian_consent_since_us AS "guardian_consent_since_us?", hold_until_us AS "hold_until_us?", due_us AS "due_us?",
    wrapped_by AS "wrapped_by!", wrapped_key AS "wrapped_key!", record AS "record!",
    create_time_us AS "create_time_us!", update_time_us AS "update_time_us!", version AS "version!"
FROM persons
WHERE due_us <= $1 AND $3 NOT LIKE '% persons/' || id || ' %' AND $3 NOT LIKE '% keys/' || wrapped_by || ' %'
ORDER BY due_us, id
LIMIT $2
