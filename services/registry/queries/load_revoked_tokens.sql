SELECT token_id AS "token_id!", expire_time_us AS "expire_time_us!"
FROM revoked_tokens
WHERE token_id > $1
ORDER BY token_id
LIMIT $2
