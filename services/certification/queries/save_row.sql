UPDATE roll_rows SET verdict = $3, findings = $4
WHERE import = $1 AND line = $2
