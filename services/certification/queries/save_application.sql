UPDATE applications SET state = $2, state_since_us = $3, submit_time_us = $4, review_time_us = $5,
    review_reason = $6, history = $7, evaluation = $8, assessment_count = $9, conclude_date = $10,
    part_results = $11, unconfirmed = $12, retake_until = $13, certificate = $14, version = $15,
    update_time_us = $16
WHERE id = $1 AND version = $17
