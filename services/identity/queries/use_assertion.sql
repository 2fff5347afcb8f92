INSERT INTO assertion_ids (client_id, assertion_id, expire_time_us) VALUES ($1, $2, $3)
ON CONFLICT (client_id, assertion_id) DO NOTHING
