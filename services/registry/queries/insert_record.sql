INSERT INTO records (name, kind, owner, about, key, state, version, create_time_us, update_time_us, fact)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (name) DO NOTHING
