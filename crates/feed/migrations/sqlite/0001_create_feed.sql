-- The event log, and what has to change in one transaction with it.
CREATE TABLE feed_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    database_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    chain BLOB NOT NULL
);

CREATE TABLE feed_events (
    seq INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    client TEXT NOT NULL,
    organization TEXT NOT NULL,
    person TEXT NOT NULL,
    method TEXT NOT NULL,
    request_id TEXT NOT NULL,
    commit_time_us BIGINT NOT NULL,
    payload BLOB NOT NULL,
    chain BLOB NOT NULL
);

-- Answers by request id: the same request gives the same answer, after a crash and on another replica.
CREATE TABLE requests (
    client TEXT NOT NULL,
    request_id TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    answer BLOB NOT NULL,
    seq BIGINT NOT NULL,
    create_time_us BIGINT NOT NULL,
    PRIMARY KEY (client, request_id)
);

-- How far the feeds of other services have been applied here.
CREATE TABLE feed_cursors (
    source TEXT NOT NULL PRIMARY KEY,
    database_id TEXT NOT NULL,
    seq BIGINT NOT NULL
);
