SELECT COUNT(DISTINCT holder) AS "holders!: i64"
FROM certificates
WHERE issuer = $1 AND state NOT IN ('REVOKED', 'SUPERSEDED')
