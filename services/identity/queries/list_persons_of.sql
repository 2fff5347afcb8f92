SELECT n.organization AS "organization!", n.pairwise_id AS "pairwise_id!",
    n.create_time_us AS "named_time_us!",
    p.id AS "id!", p.lookup AS "lookup!", p.claim_lookup AS "claim_lookup!", p.proven_lookup AS "proven_lookup?",
    p.document_type AS "document_type!", p.state AS "state!", p.state_since_us AS "state_since_us!",
    p.evidence_until_us AS "evidence_until_us?", p.document_until_us AS "document_until_us?",
    p.checked_at_us AS "checked_at_us?", p.guardian_consent AS "guardian_consent!",
    p.guardian_consent_since_us AS "guardian_consent_since_us?", p.hold_until_us AS "hold_until_us?",
    p.due_us AS "due_us?", p.wrapped_by AS "wrapped_by!", p.wrapped_key AS "wrapped_key!", p.record AS "record!",
    p.create_time_us AS "create_time_us!", p.update_time_us AS "update_time_us!", p.version AS "version!"
FROM pairwise_names n
JOIN persons p ON p.id = n.person
WHERE n.organization = $1 AND n.pairwise_id > $2
    AND ($3 = 9223372036854775807
        OR p.state <> 'FROZEN' AND (p.evidence_until_us < $3 OR p.document_until_us < $3))
ORDER BY n.pairwise_id
LIMIT $4
