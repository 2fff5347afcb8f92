SELECT sequence AS "sequence!", province AS "province!", display_name AS "display_name!", from_date AS
    "from_date!", to_date AS "to_date!"
FROM issuer_sites
WHERE issuer = $1
ORDER BY place
