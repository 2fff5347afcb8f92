SELECT id AS "id!", platform AS "platform!", account AS "account!", person AS "person!",
    pairwise_person AS "pairwise_person!", state AS "state!", state_since_us AS "state_since_us!",
    create_time_us AS "create_time_us!", update_time_us AS "update_time_us!", version AS "version!"
FROM streamers
WHERE platform = $1 AND id > $2
    AND (CAST($4 AS TEXT) IS NULL OR state = $4)
    AND (CAST($5 AS TEXT) IS NULL OR pairwise_person = $5)
    AND (CAST($6 AS TEXT) IS NULL OR substr(account, 1, length($6)) = $6)
ORDER BY id
LIMIT $3
