INSERT INTO callers (name, tokens_valid_from_us)
VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET tokens_valid_from_us = excluded.tokens_valid_from_us
WHERE callers.tokens_valid_from_us < excluded.tokens_valid_from_us
