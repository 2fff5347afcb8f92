SELECT platform AS "platform!", revision AS "revision!", standards AS "standards!", job_types AS "job_types!",
    minimum_level AS "minimum_level!", max_staleness_ms AS "max_staleness_ms!",
    effective_from_us AS "effective_from_us!", create_time_us AS "create_time_us!"
FROM policies
WHERE platform = $1 AND revision < $2
ORDER BY revision DESC
LIMIT $3
