UPDATE roll_rows SET verdict = $3, base_version = $4, before = $5, findings = $6
WHERE import = $1 AND line = $2
