SELECT id AS "id!", edition AS "edition!", occupation_codes AS "occupation_codes!", job_types AS "job_types!",
    version AS "version!"
FROM standards
WHERE id > $1
ORDER BY id
LIMIT $2
