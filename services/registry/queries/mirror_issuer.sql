INSERT INTO issuers (id, standing, version)
VALUES ($1, $2, $3)
ON CONFLICT (id) DO UPDATE SET standing = excluded.standing, version = excluded.version
WHERE issuers.version < excluded.version
