SELECT id AS "id!", holder AS "holder!", domain AS "domain!", organization AS "organization!", state AS
    "state!", state_since_us AS "state_since_us!", lapse_us AS "lapse_us?", recheck_us AS "recheck_us?",
    version AS "version!"
FROM qualifications
WHERE id > $1
ORDER BY id
LIMIT $2
