UPDATE clients
SET display_name = $3, scopes = $4, state = $5, tokens_valid_from_us = $6, update_time_us = $7, version = version + 1
WHERE id = $1 AND version = $2
