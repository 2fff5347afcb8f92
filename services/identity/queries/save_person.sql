UPDATE persons
SET state = $3, state_since_us = $4, evidence_until_us = $5, document_until_us = $6, checked_at_us = $7,
    guardian_consent = $8, guardian_consent_since_us = $9, hold_until_us = $10, update_time_us = $11,
    proven_lookup = $12, due_us = $13, version = version + 1
WHERE id = $1 AND version = $2
