SELECT id AS "id!", display_name AS "display_name!", roles AS "roles!", state AS "state!",
    suspension_reason AS "suspension_reason!", tokens_valid_from_us AS "tokens_valid_from_us?",
    create_time_us AS "create_time_us!", update_time_us AS "update_time_us!", version AS "version!"
FROM organizations
WHERE id > $1 AND (id = $2 OR $2 = '')
ORDER BY id
LIMIT $3
