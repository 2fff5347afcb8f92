SELECT key_id AS "id!", sealed AS "ciphertext!", wrapped_by AS "wrapped_by!"
FROM signing_keys
WHERE key_id > $2 AND wrapped_by <> $1
ORDER BY key_id
LIMIT $3
