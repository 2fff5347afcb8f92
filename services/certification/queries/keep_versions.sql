INSERT INTO certificate_versions (id, number, holder, standard, job_type, level, issuer, issue_date, state,
    state_since_us, verified_time_us, evidence_until_us, retry_time_us, check_time_us, source,
    revocation_reason, revocation_explanation, revocation_basis, revocation_time_us, version,
    create_time_us, update_time_us, revocation_by, hold_by, hold_beneath, measure_by, measure_explanation,
    measure_basis, measure_time_us, superseded_by, lapsed_time_us)
SELECT c.id, c.number, c.holder, c.standard, c.job_type, c.level, c.issuer, c.issue_date, c.state,
    c.state_since_us, c.verified_time_us, c.evidence_until_us, c.retry_time_us, c.check_time_us, c.source,
    c.revocation_reason, c.revocation_explanation, c.revocation_basis, c.revocation_time_us, c.version,
    c.create_time_us, c.update_time_us, c.revocation_by, c.hold_by, c.hold_beneath, c.measure_by,
    c.measure_explanation, c.measure_basis, c.measure_time_us, c.superseded_by, c.lapsed_time_us
FROM (VALUES ($1, $2)) AS v
INNER JOIN certificates AS c ON c.id = v.column1 AND c.version = v.column2
