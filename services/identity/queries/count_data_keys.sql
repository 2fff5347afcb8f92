SELECT wrapped_by AS "wrapped_by!", COUNT(*) AS "count!" FROM persons WHERE wrapped_by <> '' GROUP BY wrapped_by
