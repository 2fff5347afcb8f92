SELECT COUNT(*) AS "count!" FROM roll_rows WHERE import = $1 AND number = ''
