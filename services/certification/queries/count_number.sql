SELECT COUNT(*) AS "count!"
FROM certificates
WHERE number = $1
