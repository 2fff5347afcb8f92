INSERT INTO callers (name, tokens_valid_from_us, version)
VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET tokens_valid_from_us = excluded.tokens_valid_from_us, version = excluded.version
WHERE callers.version < excluded.version
