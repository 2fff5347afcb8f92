INSERT INTO issuers (id, standing, struck_off_us, review_from_us, review_until_us, version)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET standing = excluded.standing, struck_off_us = excluded.struck_off_us,
    review_from_us = excluded.review_from_us, review_until_us = excluded.review_until_us, version = excluded.version
WHERE issuers.version < excluded.version
