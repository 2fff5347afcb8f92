SELECT COUNT(*) AS "count!" FROM certificates
WHERE issuer = $1 AND standard = $2 AND state = 'VERIFIED' AND evidence_until_us > $3
