INSERT INTO certificates (id, number, holder, standard, job_type, level, issuer, issue_date, state,
    state_since_us, verified_time_us, evidence_until_us, retry_time_us, check_time_us, source,
    revocation_reason, revocation_explanation, revocation_basis, revocation_time_us, version, create_time_us,
    update_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
