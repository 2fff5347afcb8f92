INSERT INTO persons (id, lookup, claim_lookup, proven_lookup, document_type, state, state_since_us, evidence_until_us,
    document_until_us, checked_at_us, guardian_consent, guardian_consent_since_us, hold_until_us, due_us, wrapped_by,
    wrapped_key, record, create_time_us, update_time_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
