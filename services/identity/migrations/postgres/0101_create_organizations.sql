-- Who takes part, and the programs that call for them. Roles and scopes are words divided by spaces.
CREATE TABLE organizations (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    display_name TEXT NOT NULL,
    roles TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'SUSPENDED')),
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE clients (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organization TEXT COLLATE "C" NOT NULL REFERENCES organizations (id),
    display_name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'DISABLED')),
    -- Tokens issued up to then are refused; absent unless some were revoked.
    tokens_valid_from_us BIGINT,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX clients_by_organization ON clients (organization, id);

CREATE TABLE client_credentials (
    client_id TEXT COLLATE "C" NOT NULL REFERENCES clients (id),
    key_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('PUBLIC_KEY', 'SECRET')),
    -- The JSON Web Key of a public key; empty for a secret.
    public_jwk TEXT NOT NULL,
    -- The hash of a secret; empty for a public key.
    secret_hash BYTEA NOT NULL,
    create_time_us BIGINT NOT NULL,
    PRIMARY KEY (client_id, key_id)
);

-- The ids of client assertions that were used, until they expire: each counts once, on every replica.
CREATE TABLE assertion_ids (
    client_id TEXT COLLATE "C" NOT NULL,
    assertion_id TEXT COLLATE "C" NOT NULL,
    expire_time_us BIGINT NOT NULL,
    PRIMARY KEY (client_id, assertion_id)
);

CREATE INDEX assertion_ids_by_expire_time ON assertion_ids (expire_time_us);
