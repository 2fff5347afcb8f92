INSERT INTO feed_head (id, database_id, seq, chain) VALUES (1, $1, 0, $2)
ON CONFLICT (id) DO NOTHING
