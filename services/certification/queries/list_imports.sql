SELECT id AS "id!", issuer AS "issuer!", standard AS "standard!", file_name AS "file_name!", state AS
    "state!", create_count AS "create_count!", update_count AS "update_count!", unchanged_count AS
    "unchanged_count!", ambiguous_count AS "ambiguous_count!", invalid_count AS "invalid_count!",
    applied_count AS "applied_count!", applied_through AS "applied_through!", digest AS "digest!",
    create_time_us AS "create_time_us!", apply_time_us AS "apply_time_us?", version AS "version!"
FROM roll_imports
WHERE id > $1
ORDER BY id
LIMIT $2
