SELECT database_id AS "database_id!", seq AS "seq!" FROM feed_cursors WHERE source = $1
