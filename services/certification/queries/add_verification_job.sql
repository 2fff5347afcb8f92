INSERT INTO verification_jobs (id, certificate, source, state, ticket, attempts, outages, due_us, result, client,
    organization, acting_person, create_time_us, update_time_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
