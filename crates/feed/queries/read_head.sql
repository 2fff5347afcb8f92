SELECT database_id AS "database_id!", seq AS "seq!", chain AS "chain!" FROM feed_head WHERE id = 1
