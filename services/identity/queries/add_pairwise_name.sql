INSERT INTO pairwise_names (organization, pairwise_id, person) VALUES ($1, $2, $3)
