INSERT INTO organizations (id, display_name, roles, state, create_time_us, update_time_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7)
