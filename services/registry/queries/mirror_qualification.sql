INSERT INTO qualifications (id, holder, domain, organization, state, state_since_us, lapse_us, recheck_us,
    version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, domain = excluded.domain, organization =
    excluded.organization, state = excluded.state, state_since_us = excluded.state_since_us, lapse_us =
    excluded.lapse_us, recheck_us = excluded.recheck_us, version = excluded.version
WHERE qualifications.version < excluded.version
