UPDATE roll_imports SET format = $2, encoding = $3, state = $4, create_count = $5, update_count = $6,
    unchanged_count = $7, ambiguous_count = $8, invalid_count = $9, missing_count = $10, in_force_count =
    $11, withdrawal_count = $12, applied_count = $13, applied_through = $14, rolled_back_count = $15,
    kept_count = $16, rolled_back_through = $17, digest = $18, create_time_us = $19, apply_time_us = $20,
    approved_by_client = $21, approved_by_person = $22, approve_time_us = $23, rollback_time_us = $24,
    version = $25
WHERE id = $1 AND version = $26
