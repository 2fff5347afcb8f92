SELECT certificate AS "certificate!", organization AS "organization!", claim_time_us AS "claim_time_us!"
FROM certificate_claims
WHERE certificate > $1 OR (certificate = $1 AND organization > $2)
ORDER BY certificate, organization
LIMIT $3
