INSERT INTO evidence (id, certificate, source, witness, result, check_time_us, fresh_until_us, artefact_sha256,
    organization, create_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
