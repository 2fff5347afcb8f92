SELECT id AS "id!", state AS "state!", state_since_us AS "state_since_us!", evidence_until_us AS "evidence_until_us?",
    document_until_us AS "document_until_us?", age_band AS "age_band!", age_band_until_us AS "age_band_until_us?",
    guardian_consent AS "guardian_consent!", guardian_consent_since_us AS "guardian_consent_since_us?",
    version AS "version!"
FROM persons
WHERE id > $1
ORDER BY id
LIMIT $2
