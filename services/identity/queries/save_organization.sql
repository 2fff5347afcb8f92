UPDATE organizations
SET display_name = $3, roles = $4, state = $5, suspension_reason = $6, tokens_valid_from_us = $7, update_time_us = $8,
    version = version + 1
WHERE id = $1 AND version = $2
