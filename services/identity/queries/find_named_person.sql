SELECT n.organization AS "organization!", n.pairwise_id AS "pairwise_id!", n.person AS "person!",
    n.create_time_us AS "create_time_us!", p.state AS "state!"
FROM pairwise_names n
JOIN persons p ON p.id = n.person
WHERE n.organization = $1 AND n.pairwise_id = $2
