SELECT id AS "id!", applicant AS "applicant!", pairwise AS "pairwise!", candidate AS "candidate!", issuer AS
    "issuer!", standard AS "standard!", job_type AS "job_type!", level AS "level!", state AS "state!",
    state_since_us AS "state_since_us!", submit_time_us AS "submit_time_us?", review_time_us AS
    "review_time_us?", review_reason AS "review_reason!", history AS "history!", evaluation AS "evaluation!",
    assessment_count AS "assessment_count!", conclude_date AS "conclude_date!", part_results AS
    "part_results!", unconfirmed AS "unconfirmed!", retake_until AS "retake_until!", certificate AS
    "certificate!", version AS "version!", create_time_us AS "create_time_us!", update_time_us AS
    "update_time_us!"
FROM applications
WHERE id = $1
