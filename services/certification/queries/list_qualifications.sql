SELECT id AS "id!", holder AS "holder!", person AS "person!", domain AS "domain!", title AS "title!",
    register_number AS "register_number!", employer_proof AS "employer_proof!", valid_until AS
    "valid_until!", organization AS "organization!", filing_person AS "filing_person!", state AS "state!",
    state_since_us AS "state_since_us!", recheck_us AS "recheck_us?", file_time_us AS "file_time_us!",
    update_time_us AS "update_time_us!", version AS "version!"
FROM qualifications
WHERE id > $1
    AND ($2 = '' OR person = $2)
    AND ($3 = '' OR domain = $3)
    AND ($4 = '' OR state = $4)
ORDER BY id
LIMIT $5
