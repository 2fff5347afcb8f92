UPDATE issuers SET display_name = $2, standing = $3, measure_explanation = $4, measure_basis = $5,
    measure_effective_us = $6, measure_entered_us = $7, review_until_us = $8, version = $9, update_time_us = $10
WHERE id = $1 AND version = $11
