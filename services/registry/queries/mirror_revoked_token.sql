INSERT INTO revoked_tokens (token_id, expire_time_us)
VALUES ($1, $2)
ON CONFLICT (token_id) DO UPDATE SET expire_time_us = excluded.expire_time_us
