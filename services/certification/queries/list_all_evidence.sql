SELECT id AS "id!", certificate AS "certificate!", source AS "source!", witness AS "witness!", result AS
    "result!", check_time_us AS "check_time_us!", fresh_until_us AS "fresh_until_us!", artefact_sha256 AS
    "artefact_sha256!", organization AS "organization!", create_time_us AS "create_time_us!",
    source_name AS "source_name!", verification_job AS "verification_job!", authentication AS
    "authentication!", differences AS "differences!"
FROM evidence
WHERE id > $1
ORDER BY id
LIMIT $2
