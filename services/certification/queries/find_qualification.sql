SELECT id AS "id!"
FROM qualifications
WHERE organization = $1 AND holder = $2 AND domain = $3 AND register_number = $4
    AND state IN ('FILED', 'ACCEPTED', 'RECHECK_DUE')
