INSERT INTO certificate_versions (id, number, holder, standard, job_type, level, issuer, issue_date, state,
    state_since_us, verified_time_us, evidence_until_us, retry_time_us, check_time_us, source,
    revocation_reason, revocation_explanation, revocation_basis, revocation_time_us, version,
    create_time_us, update_time_us, revocation_by, hold_by, hold_beneath, measure_by, measure_explanation,
    measure_basis, measure_time_us, superseded_by, lapsed_time_us)
SELECT id, number, holder, standard, job_type, level, issuer, issue_date, state, state_since_us,
    verified_time_us, evidence_until_us, retry_time_us, check_time_us, source, revocation_reason,
    revocation_explanation, revocation_basis, revocation_time_us, version, create_time_us, update_time_us,
    revocation_by, hold_by, hold_beneath, measure_by, measure_explanation, measure_basis, measure_time_us,
    superseded_by, lapsed_time_us
FROM certificates
WHERE id = $1 AND version = $2
