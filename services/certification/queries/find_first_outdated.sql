SELECT r.line AS "line!"
FROM roll_rows AS r
LEFT JOIN certificates AS c ON c.number = r.number
    AND (c.holder = r.holder OR (r.verdict <> 'MISSING' AND c.verified_time_us IS NOT NULL))
WHERE r.import = $1 AND r.line > $2 AND r.line <= $3 AND r.verdict IN ('CREATE', 'UPDATE', 'MISSING')
    AND r.certificate <> ''
    AND (COALESCE(c.version, 0) <> r.base_version OR COALESCE(c.id, r.certificate) <> r.certificate)
    AND (COALESCE(c.id, '') <> r.certificate OR c.version <> r.base_version + 1 OR c.state <> 'VERIFIED'
        OR c.state_since_us > $4 OR c.lapsed_time_us IS NULL)
ORDER BY r.line
LIMIT 1
