SELECT COUNT(*) AS "count!" FROM signing_keys WHERE wrapped_by <> $1
