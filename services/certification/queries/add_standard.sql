INSERT INTO standards (id, edition, occupation_codes, job_types, digest, tell_time_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7)
