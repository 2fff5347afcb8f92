INSERT INTO clients (id, organization, display_name, scopes, person, token_binding, state, tokens_valid_from_us, due_us,
    create_time_us, update_time_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
