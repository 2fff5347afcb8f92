INSERT INTO accreditations (issuer, place, standard, job_type, level, from_date, to_date)
VALUES ($1, $2, $3, $4, $5, $6, $7)
