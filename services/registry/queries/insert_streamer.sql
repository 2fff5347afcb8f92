INSERT INTO streamers (id, platform, account, person, pairwise_person, state, state_since_us, create_time_us,
    update_time_us, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
