INSERT INTO roll_rows (import, line, verdict, number, certificate, holder, job_type, level, issue_date,
    base_version, before, findings)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
