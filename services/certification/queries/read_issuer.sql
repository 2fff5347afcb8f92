SELECT id AS "id!", organization AS "organization!", display_name AS "display_name!", class AS "class!", code
    AS "code!", province AS "province!", standing AS "standing!", version AS "version!", create_time_us AS
    "create_time_us!", update_time_us AS "update_time_us!"
FROM issuers
WHERE id = $1
