-- The occupational standards as they were last told to those who follow this service. `occupation_codes` holds one a
-- line, `job_types` too: id, name in English and in Chinese and the levels, between tabs. `digest` is that of the file.
CREATE TABLE standards (
    id TEXT NOT NULL PRIMARY KEY,
    edition BIGINT NOT NULL,
    occupation_codes TEXT NOT NULL,
    job_types TEXT NOT NULL,
    digest BLOB NOT NULL,
    tell_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);
