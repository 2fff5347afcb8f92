SELECT token_id AS "token_id!", client AS "client!", expire_time_us AS "expire_time_us!"
FROM revoked_tokens
WHERE token_id = $1
