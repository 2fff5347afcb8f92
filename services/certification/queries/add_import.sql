INSERT INTO roll_imports (id, issuer, standard, file_name, state, create_count, update_count, unchanged_count,
    ambiguous_count, invalid_count, applied_count, applied_through, digest, create_time_us, apply_time_us,
    version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
