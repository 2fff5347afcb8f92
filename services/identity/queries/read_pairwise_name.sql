SELECT pairwise_id AS "pairwise_id!" FROM pairwise_names WHERE organization = $1 AND person = $2
