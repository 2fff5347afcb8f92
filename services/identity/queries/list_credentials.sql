SELECT k.client_id AS "client_id!", k.key_id AS "key_id!", k.kind AS "kind!", k.public_jwk AS "public_jwk!",
    k.secret_hash AS "secret_hash!", k.create_time_us AS "create_time_us!"
FROM client_credentials k
JOIN clients c ON c.id = k.client_id
WHERE k.client_id >= $1 AND k.client_id <= $2 AND (c.organization = $3 OR $3 = '')
ORDER BY k.client_id, k.key_id
