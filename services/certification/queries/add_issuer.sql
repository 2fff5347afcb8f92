INSERT INTO issuers (id, organization, display_name, class, code, province, standing, measure_explanation,
    measure_basis, measure_effective_us, measure_entered_us, review_until_us, version, create_time_us,
    update_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
