SELECT organization AS "organization!", pairwise_id AS "pairwise_id!", person AS "person!",
    create_time_us AS "create_time_us!"
FROM pairwise_names
WHERE organization = $1
    AND person IN ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
