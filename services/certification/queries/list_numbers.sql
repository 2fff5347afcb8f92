SELECT DISTINCT number AS "number!"
FROM certificates
WHERE number >= $1 AND number <= $2
ORDER BY number
LIMIT $3
