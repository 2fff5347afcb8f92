INSERT INTO signing_keys (key_id, public_jwk, sealed, wrapped_by, active_from_us, retired_from_us)
VALUES ($1, $2, $3, $4, $5, $6)
