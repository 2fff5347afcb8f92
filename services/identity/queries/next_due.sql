SELECT MIN(due_us) AS "due_us?: i64"
FROM (
    SELECT MIN(due_us) AS due_us
    FROM persons
    WHERE due_us <= $1 AND $2 NOT LIKE '% persons/' || id || ' %' AND $2 NOT LIKE '% keys/' || wrapped_by || ' %'
    UNION ALL
    SELECT MIN(due_us) AS due_us FROM clients WHERE due_us <= $1 AND $2 NOT LIKE '% clients/' || id || ' %'
    UNION ALL
    SELECT MIN(due_us) AS due_us FROM proofing_jobs WHERE due_us <= $1
) AS due
