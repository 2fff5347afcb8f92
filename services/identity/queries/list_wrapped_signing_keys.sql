SELECT key_id AS "id!", sealed AS "ciphertext!", wrapped_by AS "wrapped_by!"
FROM signing_keys
WHERE wrapped_by <> $1
ORDER BY wrapped_by, key_id
LIMIT $2
