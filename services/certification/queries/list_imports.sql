SELECT id AS "id!", issuer AS "issuer!", standard AS "standard!", file_name AS "file_name!", coverage AS
    "coverage!", format AS "format!", encoding AS "encoding!", state AS "state!", create_count AS
    "create_count!", update_count AS "update_count!", unchanged_count AS "unchanged_count!",
    ambiguous_count AS "ambiguous_count!", invalid_count AS "invalid_count!", missing_count AS
    "missing_count!", in_force_count AS "in_force_count!", withdrawal_count AS "withdrawal_count!",
    applied_count AS "applied_count!", applied_through AS "applied_through!", rolled_back_count AS
    "rolled_back_count!", kept_count AS "kept_count!", rolled_back_through AS "rolled_back_through!",
    digest AS "digest!", create_time_us AS "create_time_us!", apply_time_us AS "apply_time_us?",
    planned_by_client AS "planned_by_client!", planned_by_person AS "planned_by_person!",
    approved_by_client AS "approved_by_client!", approved_by_person AS "approved_by_person!",
    approve_time_us AS "approve_time_us?", rollback_time_us AS "rollback_time_us?", version AS "version!"
FROM roll_imports
WHERE id > $1
ORDER BY id
LIMIT $2
