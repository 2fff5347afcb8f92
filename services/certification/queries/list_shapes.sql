SELECT job_type AS "job_type!", level AS "level!", issue_date AS "issue_date!", MIN(line) AS "first_row!"
FROM roll_rows
WHERE import = $1 AND line > $2 AND verdict IN ('CREATE', 'UPDATE')
GROUP BY job_type, level, issue_date
ORDER BY job_type, level, issue_date
