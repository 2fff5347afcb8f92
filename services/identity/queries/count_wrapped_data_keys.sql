SELECT COUNT(*) AS "count!" FROM persons WHERE wrapped_by <> $1 AND wrapped_by <> ''
