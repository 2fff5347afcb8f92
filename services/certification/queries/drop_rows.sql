DELETE FROM roll_rows WHERE import = $1
