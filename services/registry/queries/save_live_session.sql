UPDATE live_sessions
SET state = $2, state_since_us = $3, fence = $4, lease_until_us = $5, update_time_us = $6, record = $7
WHERE id = $1 AND fence = $8
