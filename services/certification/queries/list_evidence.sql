SELECT id AS "id!", certificate AS "certificate!", source AS "source!", witness AS "witness!", result AS
    "result!", check_time_us AS "check_time_us!", fresh_until_us AS "fresh_until_us!", artefact_sha256 AS
    "artefact_sha256!", organization AS "organization!", create_time_us AS "create_time_us!"
FROM evidence
WHERE certificate = $1 AND id > $2
ORDER BY id
LIMIT $3
