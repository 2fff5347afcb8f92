SELECT verdict AS "verdict!", reason AS "reason!", artefact_sha256 AS "artefact_sha256!", organization AS
    "organization!", review_time_us AS "review_time_us!"
FROM qualification_reviews
WHERE qualification = $1
ORDER BY version
