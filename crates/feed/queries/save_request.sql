INSERT INTO requests (client, request_id, fingerprint, answer, seq, create_time_us)
VALUES ($1, $2, $3, $4, $5, $6)
