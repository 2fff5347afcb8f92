SELECT k.client_id AS "client_id!", k.key_id AS "key_id!", k.kind AS "kind!", k.value AS "value!", k.hash AS "hash!",
    k.create_time_us AS "create_time_us!", k.not_after_us AS "not_after_us?", k.notice AS "notice!"
FROM client_credentials k
JOIN clients c ON c.id = k.client_id
WHERE k.client_id >= $1 AND k.client_id <= $2 AND (c.organization = $3 OR $3 = '')
ORDER BY k.client_id, k.key_id
