SELECT a.id AS "id!", a.applicant AS "applicant!", a.pairwise AS "pairwise!", a.candidate AS "candidate!",
    a.issuer AS "issuer!", a.standard AS "standard!", a.job_type AS "job_type!", a.level AS "level!", a.state
    AS "state!", a.state_since_us AS "state_since_us!", a.submit_time_us AS "submit_time_us?",
    a.review_time_us AS "review_time_us?", a.review_reason AS "review_reason!", a.history AS "history!",
    a.evaluation AS "evaluation!", a.assessment_count AS "assessment_count!", a.conclude_date AS
    "conclude_date!", a.part_results AS "part_results!", a.unconfirmed AS "unconfirmed!", a.retake_until AS
    "retake_until!", a.certificate AS "certificate!", a.version AS "version!", a.create_time_us AS
    "create_time_us!", a.update_time_us AS "update_time_us!"
FROM applications AS a
JOIN issuers AS i ON i.id = a.issuer
WHERE a.id > $1 AND ($2 = '' OR a.candidate = $2) AND ($3 = '' OR a.issuer = $3) AND ($4 = '' OR a.state = $4)
    AND ($5 = '' OR a.applicant = $5 OR (i.organization = $5 AND a.submit_time_us IS NOT NULL))
ORDER BY a.id
LIMIT $6
