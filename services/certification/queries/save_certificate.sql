UPDATE certificates SET standard = $2, job_type = $3, level = $4, issue_date = $5, state = $6,
    state_since_us = $7, verified_time_us = $8, evidence_until_us = $9, retry_time_us = $10, check_time_us =
    $11, source = $12, revocation_reason = $13, revocation_explanation = $14, revocation_basis = $15,
    revocation_time_us = $16, version = $17, update_time_us = $18, issuer = $20, revocation_by = $21,
    hold_by = $22, hold_beneath = $23, measure_by = $24, measure_explanation = $25, measure_basis = $26,
    measure_time_us = $27, superseded_by = $28, lapsed_time_us = $29
WHERE id = $1 AND version = $19
