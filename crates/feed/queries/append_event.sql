INSERT INTO feed_events (seq, kind, subject, client, organization, person, method, request_id, commit_time_us, payload,
    chain)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
