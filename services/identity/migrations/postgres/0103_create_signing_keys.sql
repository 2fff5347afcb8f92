-- Keys that sign access tokens, private halves encrypted with the master key. A key is published before it signs
-- (`active_from_us`) and until it is retired.
CREATE TABLE signing_keys (
    key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    public_jwk TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    -- The id of the master key.
    wrapped_by TEXT NOT NULL,
    active_from_us BIGINT NOT NULL,
    retired_from_us BIGINT
);
