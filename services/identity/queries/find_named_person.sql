SELECT organization AS "organization!", pairwise_id AS "pairwise_id!", person AS "person!",
    create_time_us AS "create_time_us!"
FROM pairwise_names
WHERE organization = $1 AND pairwise_id = $2
