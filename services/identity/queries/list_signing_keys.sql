SELECT key_id AS "key_id!", public_jwk AS "public_jwk!", sealed AS "sealed!", wrapped_by AS "wrapped_by!",
    active_from_us AS "active_from_us!", retired_from_us AS "retired_from_us?"
FROM signing_keys
ORDER BY active_from_us, key_id
