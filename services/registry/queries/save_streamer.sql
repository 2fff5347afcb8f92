UPDATE streamers SET state = $2, state_since_us = $3, update_time_us = $4, version = $5
WHERE id = $1 AND version = $6
