SELECT number AS "number!", attempt AS "attempt!", part AS "part!", score AS "score!", assessors AS
    "assessors!", assess_date AS "assess_date!", site AS "site!", replaces AS "replaces!", reason AS
    "reason!", record_time_us AS "record_time_us!"
FROM assessments
WHERE application = $1 AND number <= $2
ORDER BY number
