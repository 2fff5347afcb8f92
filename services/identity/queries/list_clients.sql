SELECT id AS "id!", organization AS "organization!", display_name AS "display_name!", scopes AS "scopes!",
    person AS "person!", token_binding AS "token_binding!", state AS "state!",
    tokens_valid_from_us AS "tokens_valid_from_us?", create_time_us AS "create_time_us!",
    update_time_us AS "update_time_us!", version AS "version!"
FROM clients c
WHERE id > $1 AND (organization = $2 OR $2 = '')
    AND ($3 = 9223372036854775807 OR state = 'ACTIVE' AND EXISTS (
        SELECT 1 FROM client_credentials k WHERE k.client_id = c.id AND k.not_after_us < $3))
ORDER BY id
LIMIT $4
