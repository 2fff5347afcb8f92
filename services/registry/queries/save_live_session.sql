UPDATE live_sessions
SET state = $2, state_since_us = $3, fence = $4, lease_until_us = $5, lease_cap_us = $6, update_time_us = $7,
    record = $8
WHERE id = $1 AND fence = $9
