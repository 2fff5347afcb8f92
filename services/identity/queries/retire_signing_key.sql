UPDATE signing_keys
SET retired_from_us = $3
WHERE key_id = $1 AND retired_from_us IS NOT DISTINCT FROM $2
