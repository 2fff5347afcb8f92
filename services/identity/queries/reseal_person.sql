UPDATE persons
SET lookup = $3, claim_lookup = $4, wrapped_by = $5, wrapped_key = $6, record = $7, document_type = $8
WHERE id = $1 AND version = $2
