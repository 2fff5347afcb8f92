-- Who takes part, and the programs that call for them. Roles and scopes are words divided by spaces.
CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY,
    display_name TEXT NOT NULL,
    roles TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'SUSPENDED')),
    -- Empty while it is active.
    suspension_reason TEXT NOT NULL,
    -- Tokens issued to its clients up to then are refused; absent unless some were.
    tokens_valid_from_us BIGINT,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL REFERENCES organizations (id),
    display_name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    -- The human who acts through it, under the organization's own name; empty for a machine.
    person TEXT NOT NULL,
    token_binding TEXT NOT NULL CHECK (token_binding IN ('NONE', 'CLIENT_CERTIFICATE')),
    state TEXT NOT NULL CHECK (state IN ('ACTIVE', 'DISABLED')),
    -- Tokens issued up to then are refused; absent unless some were revoked.
    tokens_valid_from_us BIGINT,
    -- When the end of a credential comes a step nearer.
    due_us BIGINT,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX clients_by_organization ON clients (organization, id);
CREATE INDEX clients_by_due ON clients (due_us);

CREATE TABLE client_credentials (
    client_id TEXT NOT NULL REFERENCES clients (id),
    key_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        'PUBLIC_KEY', 'SECRET', 'THUMBPRINT', 'SUBJECT_DN', 'SAN_DNS', 'SAN_URI', 'SAN_IP', 'SAN_EMAIL')),
    -- The JSON Web Key of a public key, or the name in a certificate; empty for a secret and a thumbprint.
    value TEXT NOT NULL,
    -- The hash of a secret or of a certificate; empty for the others.
    hash BLOB NOT NULL,
    create_time_us BIGINT NOT NULL,
    not_after_us BIGINT,
    -- How near the end is, as the log has told it.
    notice TEXT NOT NULL CHECK (notice IN ('NONE', 'THIRTY_DAYS', 'SEVEN_DAYS', 'ONE_DAY', 'ENDED')),
    PRIMARY KEY (client_id, key_id)
);

-- The ids of client assertions that were used, until they expire: each counts once, on every replica.
CREATE TABLE assertion_ids (
    client_id TEXT NOT NULL,
    assertion_id TEXT NOT NULL,
    expire_time_us BIGINT NOT NULL,
    PRIMARY KEY (client_id, assertion_id)
);

CREATE INDEX assertion_ids_by_expire_time ON assertion_ids (expire_time_us);

-- Single access tokens that are refused before they end.
CREATE TABLE revoked_tokens (
    token_id TEXT NOT NULL PRIMARY KEY,
    client TEXT NOT NULL,
    expire_time_us BIGINT NOT NULL
);

CREATE INDEX revoked_tokens_by_expire_time ON revoked_tokens (expire_time_us);
