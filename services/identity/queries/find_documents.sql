SELECT lookup AS "lookup!", MAX(CASE WHEN proven_lookup IS NULL THEN '' ELSE id END) AS "owner!"
FROM persons
WHERE lookup IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
GROUP BY lookup
