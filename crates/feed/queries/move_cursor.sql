UPDATE feed_cursors SET database_id = $2, seq = $3
WHERE source = $1 AND database_id = $4 AND seq = $5
