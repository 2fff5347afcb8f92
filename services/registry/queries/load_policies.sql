SELECT platform AS "platform!", permission AS "permission!", revision AS "revision!",
    create_time_us AS "create_time_us!", fact AS "fact!"
FROM policies
WHERE platform > $1 OR (platform = $1 AND permission > $2)
    OR (platform = $1 AND permission = $2 AND revision > $3)
ORDER BY platform, permission, revision
LIMIT $4
