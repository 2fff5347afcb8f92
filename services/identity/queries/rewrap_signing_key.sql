UPDATE signing_keys
SET sealed = $3, wrapped_by = $4
WHERE key_id = $1 AND sealed = $2
