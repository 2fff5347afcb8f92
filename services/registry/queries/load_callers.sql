SELECT name AS "name!", tokens_valid_from_us AS "tokens_valid_from_us!", version AS "version!"
FROM callers
ORDER BY name
