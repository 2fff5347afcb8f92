SELECT r.line AS "line!"
FROM roll_rows AS r
LEFT JOIN certificates AS c ON c.number = r.number
WHERE r.import = $1 AND r.line > $2 AND r.line <= $3 AND r.verdict IN ('CREATE', 'UPDATE', 'MISSING')
    AND r.certificate <> '' AND COALESCE(c.version, 0) <> r.base_version
ORDER BY r.line
LIMIT 1
