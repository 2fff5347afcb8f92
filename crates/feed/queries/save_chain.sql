UPDATE feed_head SET chain = $1 WHERE id = 1
