INSERT INTO issuer_sites (issuer, place, prefix, sequence, province, display_name, from_date, to_date)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
