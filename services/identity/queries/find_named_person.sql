SELECT person AS "person!" FROM pairwise_names WHERE organization = $1 AND pairwise_id = $2
