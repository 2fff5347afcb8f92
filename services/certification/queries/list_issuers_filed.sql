SELECT id AS "id!"
FROM issuers
WHERE class = $1 AND code = $2 AND ($3 = '' OR province = $3)
ORDER BY id
LIMIT $4
