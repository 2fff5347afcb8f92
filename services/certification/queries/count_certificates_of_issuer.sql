SELECT standard AS "standard!", job_type AS "job_type!", level AS "level!", state AS "state!", COUNT(*) AS
    "certificates!: i64", SUM(CASE WHEN state = 'VERIFIED' AND evidence_until_us > $2 THEN 1 ELSE 0 END) AS
    "in_force!: i64"
FROM certificates
WHERE issuer = $1 AND state NOT IN ('REVOKED', 'SUPERSEDED')
GROUP BY standard, job_type, level, state
