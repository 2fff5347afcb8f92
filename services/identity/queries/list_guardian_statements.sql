SELECT id AS "id!", person AS "person!", consent AS "consent!", artefact_sha256 AS "artefact_sha256!",
    guardian AS "guardian!", client AS "client!", organization AS "organization!", acting_person AS "acting_person!",
    create_time_us AS "create_time_us!"
FROM guardian_statements
WHERE id > $1
ORDER BY id
LIMIT $2
