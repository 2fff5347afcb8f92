SELECT id AS "id!", display_name AS "display_name!", roles AS "roles!", state AS "state!",
    create_time_us AS "create_time_us!", update_time_us AS "update_time_us!", version AS "version!"
FROM organizations
WHERE id = $1
