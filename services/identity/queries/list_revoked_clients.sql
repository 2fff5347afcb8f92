SELECT id AS "id!", state AS "state!", tokens_valid_from_us AS "tokens_valid_from_us?"
FROM clients
WHERE tokens_valid_from_us > $1 OR state = 'DISABLED'
