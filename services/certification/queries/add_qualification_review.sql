INSERT INTO qualification_reviews (qualification, version, verdict, reason, artefact_sha256, organization,
    review_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7)
