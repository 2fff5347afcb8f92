SELECT id AS "id!", organization AS "organization!", display_name AS "display_name!", class AS "class!", code
    AS "code!", province AS "province!", standing AS "standing!", measure_explanation AS
    "measure_explanation!", measure_basis AS "measure_basis!", measure_effective_us AS
    "measure_effective_us?", measure_entered_us AS "measure_entered_us?", review_until_us AS
    "review_until_us?", version AS "version!", create_time_us AS "create_time_us!", update_time_us AS
    "update_time_us!"
FROM issuers
WHERE id > $1
ORDER BY id
LIMIT $2
