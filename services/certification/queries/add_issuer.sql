INSERT INTO issuers (id, organization, display_name, class, code, province, standing, version, create_time_us,
    update_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
