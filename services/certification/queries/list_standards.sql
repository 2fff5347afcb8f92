SELECT id AS "id!", edition AS "edition!", occupation_codes AS "occupation_codes!", job_types AS "job_types!",
    digest AS "digest!", tell_time_us AS "tell_time_us!", version AS "version!"
FROM standards
WHERE id > $1
ORDER BY id
LIMIT $2
