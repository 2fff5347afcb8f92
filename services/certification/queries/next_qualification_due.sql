SELECT MIN(due_us) AS "due_us?: i64"
FROM qualifications
