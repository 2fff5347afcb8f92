INSERT INTO organizations (id, display_name, roles, state, suspension_reason, tokens_valid_from_us, create_time_us,
    update_time_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
