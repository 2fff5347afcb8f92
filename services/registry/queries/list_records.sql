SELECT name AS "name!", kind AS "kind!", owner AS "owner!", about AS "about!", key, state AS "state!",
    version AS "version!", create_time_us AS "create_time_us!", update_time_us AS "update_time_us!", fact AS "fact!"
FROM records
WHERE owner = $1 AND kind = $2 AND name > $3 AND (CAST($4 AS TEXT) IS NULL OR state = $4)
ORDER BY name
LIMIT $5
