SELECT id AS "id!", holder AS "holder!", person AS "person!", domain AS "domain!", title AS "title!",
    register_number AS "register_number!", employer_proof AS "employer_proof!", valid_until AS
    "valid_until!", organization AS "organization!", filing_person AS "filing_person!", state AS "state!",
    state_since_us AS "state_since_us!", recheck_us AS "recheck_us?", file_time_us AS "file_time_us!",
    update_time_us AS "update_time_us!", version AS "version!"
FROM qualifications
WHERE due_us <= $1
ORDER BY due_us, id
LIMIT $2
