SELECT id AS "id!", person AS "person!", method AS "method!", source AS "source!", authentication AS "authentication!",
    result AS "result!", checked_at_us AS "checked_at_us!", fresh_until_us AS "fresh_until_us!",
    artefact_sha256 AS "artefact_sha256!", document_valid_until AS "document_valid_until!", client AS "client!",
    organization AS "organization!", acting_person AS "acting_person!", create_time_us AS "create_time_us!"
FROM proofings
WHERE id > $1
ORDER BY id
LIMIT $2
