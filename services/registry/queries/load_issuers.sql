SELECT id AS "id!", standing AS "standing!", struck_off_us AS "struck_off_us?", review_from_us AS
    "review_from_us?", review_until_us AS "review_until_us?", version AS "version!"
FROM issuers
WHERE id > $1
ORDER BY id
LIMIT $2
