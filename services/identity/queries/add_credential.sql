INSERT INTO client_credentials (client_id, key_id, kind, public_jwk, secret_hash, create_time_us)
VALUES ($1, $2, $3, $4, $5, $6)
