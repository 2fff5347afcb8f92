SELECT MIN(evidence_until_us) AS "next?"
FROM certificates
WHERE state = 'VERIFIED' AND lapsed_time_us IS NULL
