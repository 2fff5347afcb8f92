INSERT INTO certificates (id, holder, standard, job_type, level, issuer, state, state_since_us, verified_us,
    evidence_until_us, retry_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, standard = excluded.standard, job_type = excluded.job_type,
    level = excluded.level, issuer = excluded.issuer, state = excluded.state, state_since_us =
    excluded.state_since_us, verified_us = excluded.verified_us, evidence_until_us = excluded.evidence_until_us,
    retry_us = excluded.retry_us, version = excluded.version
WHERE certificates.version < excluded.version
