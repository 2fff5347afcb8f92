INSERT INTO proofings (id, person, method, source, authentication, result, checked_at_us, fresh_until_us, artefact_sha256,
    document_valid_until, client, organization, acting_person, create_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
