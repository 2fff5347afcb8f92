SELECT issuer AS "issuer!"
FROM issuer_sites
WHERE prefix = $1
