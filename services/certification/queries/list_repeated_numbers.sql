SELECT number AS "number!"
FROM roll_rows
WHERE import = $1 AND number > $2 AND holder <> ''
GROUP BY number
HAVING COUNT(*) > 1
ORDER BY number
LIMIT $3
