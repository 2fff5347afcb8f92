UPDATE clients
SET display_name = $3, scopes = $4, person = $5, token_binding = $6, state = $7, tokens_valid_from_us = $8, due_us = $9,
    update_time_us = $10, version = version + 1
WHERE id = $1 AND version = $2
