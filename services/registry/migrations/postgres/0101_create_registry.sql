-- Streamers and policies of the platforms, live sessions, and what the other services said last.
CREATE TABLE streamers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    platform TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    person TEXT NOT NULL,
    pairwise_person TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ENROLLED', 'WITHDRAWN')),
    state_since_us BIGINT NOT NULL,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX streamers_by_account ON streamers (platform, account);
CREATE INDEX streamers_by_platform ON streamers (platform, id);

-- Revisions are added and never changed. `fact` is the payload of the event that said it.
CREATE TABLE policies (
    platform TEXT COLLATE "C" NOT NULL,
    permission TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    create_time_us BIGINT NOT NULL,
    fact BYTEA NOT NULL,
    PRIMARY KEY (platform, permission, revision)
);

-- `record` is the session as told to the platform, with every decision; the fence serves as its version.
CREATE TABLE live_sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    platform TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('OPEN', 'CLOSED', 'EXPIRED', 'ENDED')),
    state_since_us BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    lease_us BIGINT NOT NULL,
    lease_until_us BIGINT NOT NULL,
    lease_cap_us BIGINT NOT NULL,
    open_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    record BYTEA NOT NULL
);
CREATE INDEX live_sessions_by_platform ON live_sessions (platform, id);
CREATE INDEX live_sessions_by_state ON live_sessions (state, id);

-- Everything that is kept as its last fact alone, whatever its kind. `fact` is the payload of the event that said it;
-- names are resource names, and their order is that of their creation.
CREATE TABLE records (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C",
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    fact BYTEA NOT NULL
);
CREATE UNIQUE INDEX records_by_key ON records (kind, owner, key);
CREATE INDEX records_by_owner ON records (owner, kind, name);
CREATE INDEX records_by_about ON records (owner, kind, about, name);

CREATE TABLE persons (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    state_since_us BIGINT NOT NULL,
    evidence_until_us BIGINT,
    document_until_us BIGINT,
    age_band TEXT NOT NULL,
    age_band_until_us BIGINT,
    guardian_consent TEXT NOT NULL,
    guardian_consent_since_us BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE certificates (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    standard TEXT NOT NULL,
    job_type TEXT NOT NULL,
    level TEXT NOT NULL,
    issuer TEXT NOT NULL,
    state TEXT NOT NULL,
    state_since_us BIGINT NOT NULL,
    verified_us BIGINT,
    evidence_until_us BIGINT,
    retry_us BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE issuers (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    standing TEXT NOT NULL,
    struck_off_us BIGINT,
    review_from_us BIGINT,
    review_until_us BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE qualifications (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    domain TEXT NOT NULL,
    organization TEXT NOT NULL,
    state TEXT NOT NULL,
    state_since_us BIGINT NOT NULL,
    lapse_us BIGINT,
    recheck_us BIGINT,
    version BIGINT NOT NULL
);

-- Occupational standards. `occupation_codes` holds one a line, `job_types` too: id, name in English and in Chinese and the
-- levels, between tabs.
CREATE TABLE standards (
    id TEXT NOT NULL PRIMARY KEY,
    edition BIGINT NOT NULL,
    occupation_codes TEXT NOT NULL,
    job_types TEXT NOT NULL,
    version BIGINT NOT NULL
);

-- Clients and organizations whose tokens are refused, by resource name.
CREATE TABLE callers (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tokens_valid_from_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);

-- Single tokens that are refused. Those that are over are dropped whenever news come in.
CREATE TABLE revoked_tokens (
    token_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    expire_time_us BIGINT NOT NULL
);
CREATE INDEX revoked_tokens_by_end ON revoked_tokens (expire_time_us);
