INSERT INTO standards (id, edition, occupation_codes, job_types, version)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET edition = excluded.edition, occupation_codes = excluded.occupation_codes,
    job_types = excluded.job_types, version = excluded.version
WHERE standards.version < excluded.version
