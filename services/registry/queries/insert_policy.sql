INSERT INTO policies (platform, revision, standards, job_types, minimum_level, max_staleness_ms, effective_from_us,
    create_time_us)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
