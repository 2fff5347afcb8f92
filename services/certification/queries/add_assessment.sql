INSERT INTO assessments (application, number, attempt, part, score, assessors, assess_date, site, replaces,
    reason, record_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
