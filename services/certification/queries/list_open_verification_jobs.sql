SELECT id AS "id!", certificate AS "subject!", source AS "source!", state AS "state!", ticket AS "ticket!",
    attempts AS "attempts!", outages AS "outages!", due_us AS "due_us?", result AS "result!", client AS "client!",
    organization AS "organization!", acting_person AS "acting_person!", create_time_us AS "create_time_us!",
    update_time_us AS "update_time_us!", version AS "version!"
FROM verification_jobs
WHERE certificate = $1 AND due_us IS NOT NULL
ORDER BY id
