SELECT id AS "id!", standing AS "standing!", version AS "version!"
FROM issuers
WHERE id > $1
ORDER BY id
LIMIT $2
