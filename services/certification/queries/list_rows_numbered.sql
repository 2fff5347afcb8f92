SELECT line AS "line!", verdict AS "verdict!", number AS "number!", certificate AS "certificate!", holder
    AS "holder!", job_type AS "job_type!", level AS "level!", issue_date AS "issue_date!", base_version AS
    "base_version!", before AS "before!", findings AS "findings!"
FROM roll_rows
WHERE import = $1 AND number = $2 AND line > $3
ORDER BY line
LIMIT $4
