SELECT issuer AS "issuer!", place AS "place!", standard AS "standard!", job_type AS "job_type!", level AS
    "level!", from_date AS "from_date!", to_date AS "to_date!"
FROM accreditations
WHERE issuer = $1
ORDER BY place, level
