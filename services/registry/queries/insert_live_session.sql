INSERT INTO live_sessions (id, platform, state, state_since_us, fence, lease_us, lease_until_us, lease_cap_us,
    open_time_us, update_time_us, record)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
