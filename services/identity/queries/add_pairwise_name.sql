INSERT INTO pairwise_names (organization, pairwise_id, person, create_time_us) VALUES ($1, $2, $3, $4)
