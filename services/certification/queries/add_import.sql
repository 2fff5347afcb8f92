INSERT INTO roll_imports (id, issuer, standard, file_name, coverage, format, encoding, state,
    create_count, update_count, unchanged_count, ambiguous_count, invalid_count, missing_count,
    in_force_count, withdrawal_count, applied_count, applied_through, rolled_back_count, kept_count,
    rolled_back_through, digest, create_time_us, apply_time_us, planned_by_client, planned_by_person,
    approved_by_client, approved_by_person, approve_time_us, rollback_time_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
    $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)
