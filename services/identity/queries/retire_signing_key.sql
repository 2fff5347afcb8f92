UPDATE signing_keys
SET retired_from_us = $2
WHERE key_id = $1 AND (retired_from_us IS NULL OR retired_from_us > $2)
