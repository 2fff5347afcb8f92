-- The event log, and what has to change in one transaction with it.
CREATE TABLE feed_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    database_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    chain BYTEA NOT NULL
);

CREATE TABLE feed_events (
    seq BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    client TEXT COLLATE "C" NOT NULL,
    organization TEXT NOT NULL,
    person TEXT NOT NULL,
    method TEXT NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    commit_time_us BIGINT NOT NULL,
    payload BYTEA NOT NULL,
    chain BYTEA NOT NULL
);

-- Answers by request id: the same request gives the same answer, after a crash and on another replica.
CREATE TABLE requests (
    client TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL,
    answer BYTEA NOT NULL,
    seq BIGINT NOT NULL,
    create_time_us BIGINT NOT NULL,
    PRIMARY KEY (client, request_id)
);

-- How far the feeds of other services have been applied here.
CREATE TABLE feed_cursors (
    source TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    database_id TEXT NOT NULL,
    seq BIGINT NOT NULL
);
