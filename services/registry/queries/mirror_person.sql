INSERT INTO persons (id, state, state_since_us, evidence_until_us, document_until_us, age_band, age_band_until_us,
    guardian_consent, guardian_consent_since_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, state_since_us = excluded.state_since_us, evidence_until_us =
    excluded.evidence_until_us, document_until_us = excluded.document_until_us, age_band = excluded.age_band,
    age_band_until_us = excluded.age_band_until_us, guardian_consent = excluded.guardian_consent,
    guardian_consent_since_us = excluded.guardian_consent_since_us, version = excluded.version
WHERE persons.version < excluded.version
