INSERT INTO guardian_statements (id, person, consent, artefact_sha256, guardian, client, organization, acting_person,
    create_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
