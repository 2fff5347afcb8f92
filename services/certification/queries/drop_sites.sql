DELETE FROM issuer_sites
WHERE issuer = $1
