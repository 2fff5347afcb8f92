SELECT id AS "id!", platform AS "platform!", state AS "state!", state_since_us AS "state_since_us!", fence AS "fence!",
    lease_us AS "lease_us!", lease_until_us AS "lease_until_us!", lease_cap_us AS "lease_cap_us!",
    open_time_us AS "open_time_us!", update_time_us AS "update_time_us!", record AS "record!"
FROM live_sessions
WHERE platform = $1 AND state = $2 AND id > $3
ORDER BY id
LIMIT $4
