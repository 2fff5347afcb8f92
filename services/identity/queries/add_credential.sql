INSERT INTO client_credentials (client_id, key_id, kind, value, hash, create_time_us, not_after_us, notice)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
