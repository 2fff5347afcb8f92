SELECT c.id AS "id!", c.organization AS "organization!", c.display_name AS "display_name!", c.scopes AS "scopes!",
    c.person AS "person!", c.token_binding AS "token_binding!", c.state AS "state!",
    c.tokens_valid_from_us AS "tokens_valid_from_us?", c.create_time_us AS "create_time_us!",
    c.update_time_us AS "update_time_us!", c.version AS "version!",
    k.key_id AS "key_id?", k.kind AS "kind?", k.value AS "value?", k.hash AS "hash?",
    k.create_time_us AS "key_create_time_us?", k.not_after_us AS "not_after_us?", k.notice AS "notice?"
FROM clients c
LEFT JOIN client_credentials k ON k.client_id = c.id
WHERE c.id = $1
ORDER BY k.key_id
