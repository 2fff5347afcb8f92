SELECT id AS "id!", organization AS "organization!", display_name AS "display_name!", scopes AS "scopes!",
    person AS "person!", token_binding AS "token_binding!", state AS "state!",
    tokens_valid_from_us AS "tokens_valid_from_us?", create_time_us AS "create_time_us!",
    update_time_us AS "update_time_us!", version AS "version!"
FROM clients
WHERE due_us <= $1 AND $3 NOT LIKE '% clients/' || id || ' %'
ORDER BY due_us, id
LIMIT $2
