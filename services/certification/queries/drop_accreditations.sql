DELETE FROM accreditations
WHERE issuer = $1
