DELETE FROM roll_rows
WHERE import = $1 AND NOT EXISTS (SELECT 1 FROM roll_imports WHERE roll_imports.id = roll_rows.import)
