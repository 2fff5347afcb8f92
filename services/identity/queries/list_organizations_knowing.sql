SELECT organization AS "organization!" FROM pairwise_names WHERE person = $1 ORDER BY organization
