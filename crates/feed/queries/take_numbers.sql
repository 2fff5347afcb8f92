UPDATE feed_head SET seq = seq + $1 WHERE id = 1
RETURNING seq AS "seq!", chain AS "chain!"
