INSERT INTO feed_cursors (source, database_id, seq) VALUES ($1, $2, $3)
ON CONFLICT (source) DO NOTHING
