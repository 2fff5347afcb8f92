INSERT INTO qualifications (id, holder, person, domain, title, register_number, employer_proof, valid_until,
    organization, filing_person, state, state_since_us, recheck_us, due_us, file_time_us, update_time_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
