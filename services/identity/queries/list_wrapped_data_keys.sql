SELECT id AS "id!", wrapped_key AS "ciphertext!", wrapped_by AS "wrapped_by!"
FROM persons
WHERE wrapped_by <> $1 AND wrapped_by <> ''
ORDER BY wrapped_by, id
LIMIT $2
