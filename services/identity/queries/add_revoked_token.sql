INSERT INTO revoked_tokens (token_id, client, expire_time_us) VALUES ($1, $2, $3)
ON CONFLICT (token_id) DO NOTHING
