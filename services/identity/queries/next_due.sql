SELECT MIN(due_us) AS "due_us?: i64"
FROM (
    SELECT MIN(due_us) AS due_us FROM persons
    UNION ALL
    SELECT MIN(due_us) AS due_us FROM clients
    UNION ALL
    SELECT MIN(due_us) AS due_us FROM proofing_jobs
) AS due
