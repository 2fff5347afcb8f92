INSERT INTO applications (id, applicant, pairwise, candidate, issuer, standard, job_type, level, state,
    state_since_us, submit_time_us, review_time_us, review_reason, history, evaluation, assessment_count,
    conclude_date, part_results, unconfirmed, retake_until, certificate, version, create_time_us,
    update_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
    $23, $24)
