SELECT wrapped_by AS "wrapped_by!", COUNT(*) AS "count!" FROM signing_keys GROUP BY wrapped_by
