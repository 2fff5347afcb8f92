INSERT INTO evidence (id, certificate, source, witness, result, check_time_us, fresh_until_us, artefact_sha256,
    organization, create_time_us, source_name, verification_job, authentication, differences)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
