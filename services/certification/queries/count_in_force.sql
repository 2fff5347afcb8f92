SELECT COUNT(*) AS "count!" FROM certificates WHERE issuer = $1 AND state = 'VERIFIED' AND evidence_until_us > $2
