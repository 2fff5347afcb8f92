INSERT INTO feed_events (seq, kind, subject, payload, chain, client, organization, method, request_id, commit_time_us)
VALUES
    (CAST($1 AS BIGINT), $7, $8, $9, $10, $2, $3, $4, $5, $6),
    (CAST($1 AS BIGINT) + 1, $11, $12, $13, $14, $2, $3, $4, $5, $6),
    (CAST($1 AS BIGINT) + 2, $15, $16, $17, $18, $2, $3, $4, $5, $6),
    (CAST($1 AS BIGINT) + 3, $19, $20, $21, $22, $2, $3, $4, $5, $6),
    (CAST($1 AS BIGINT) + 4, $23, $24, $25, $26, $2, $3, $4, $5, $6),
    (CAST($1 AS BIGINT) + 5, $27, $28, $29, $30, $2, $3, $4, $5, $6),
    (CAST($1 AS BIGINT) + 6, $31, $32, $33, $34, $2, $3, $4, $5, $6),
    (CAST($1 AS BIGINT) + 7, $35, $36, $37, $38, $2, $3, $4, $5, $6),
    (CAST($1 AS BIGINT) + 8, $39, $40, $41, $42, $2, $3, $4, $5, $6),
    (CAST($1 AS BIGINT) + 9, $43, $44, $45, $46, $2, $3, $4, $5, $6)
