UPDATE persons
SET wrapped_key = $3, wrapped_by = $4
WHERE id = $1 AND wrapped_key = $2
