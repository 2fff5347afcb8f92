INSERT INTO certificates (id, number, holder, standard, job_type, level, issuer, issue_date, state,
    state_since_us, verified_time_us, evidence_until_us, retry_time_us, check_time_us, source,
    revocation_reason, revocation_explanation, revocation_basis, revocation_time_us, version, create_time_us,
    update_time_us, hold_by, hold_beneath, lapsed_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
    $23, $24, $25)
ON CONFLICT (id) DO UPDATE SET standard = excluded.standard, job_type = excluded.job_type, level = excluded.level,
    issuer = excluded.issuer, issue_date = excluded.issue_date, state = excluded.state, state_since_us =
    excluded.state_since_us, verified_time_us = excluded.verified_time_us, evidence_until_us =
    excluded.evidence_until_us, retry_time_us = excluded.retry_time_us, check_time_us = excluded.check_time_us,
    source = excluded.source, version = excluded.version, update_time_us = excluded.update_time_us, hold_by =
    excluded.hold_by, hold_beneath = excluded.hold_beneath, lapsed_time_us = excluded.lapsed_time_us
WHERE certificates.version = excluded.version - 1
