INSERT INTO policies (platform, permission, revision, create_time_us, fact)
VALUES ($1, $2, $3, $4, $5)
