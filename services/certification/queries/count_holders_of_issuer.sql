SELECT COUNT(*) AS "holders!: i64"
FROM (
    SELECT holder
    FROM certificates
    WHERE issuer = $1 AND state NOT IN ('REVOKED', 'SUPERSEDED')
    GROUP BY holder
) AS holders
