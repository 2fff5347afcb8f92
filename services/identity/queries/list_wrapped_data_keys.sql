SELECT id AS "id!", wrapped_key AS "ciphertext!", wrapped_by AS "wrapped_by!"
FROM persons
WHERE id > $2 AND wrapped_by <> $1 AND wrapped_by <> ''
ORDER BY id
LIMIT $3
