-- Jobs that ask sources about certificates, and what their evidence tells beside its result.
CREATE TABLE verification_jobs (
    id TEXT NOT NULL PRIMARY KEY,
    certificate TEXT NOT NULL REFERENCES certificates (id),
    source TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('PENDING', 'WAITING', 'OUTAGE', 'CONCLUDED', 'GIVEN_UP')),
    ticket TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    outages BIGINT NOT NULL,
    -- When the source is asked next; absent once the job is closed.
    due_us BIGINT,
    -- What came of it; empty until then.
    result TEXT NOT NULL
        CHECK (result IN ('', 'MATCH', 'MISMATCH', 'NOT_FOUND', 'SOURCE_UNAVAILABLE', 'REVOKED')),
    client TEXT NOT NULL,
    organization TEXT NOT NULL,
    acting_person TEXT NOT NULL,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);

-- One open job for a certificate and a source.
CREATE UNIQUE INDEX verification_jobs_open ON verification_jobs (certificate, source) WHERE due_us IS NOT NULL;
CREATE INDEX verification_jobs_given_up ON verification_jobs (source, certificate) WHERE state = 'GIVEN_UP';
CREATE INDEX verification_jobs_by_due ON verification_jobs (due_us);
CREATE INDEX verification_jobs_by_source ON verification_jobs (source, due_us);
CREATE INDEX verification_jobs_by_certificate ON verification_jobs (certificate, id);

-- The four are empty for what was recorded by hand.
ALTER TABLE evidence ADD COLUMN source_name TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN verification_job TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN authentication TEXT NOT NULL DEFAULT '';
ALTER TABLE evidence ADD COLUMN differences TEXT NOT NULL DEFAULT '';

CREATE INDEX evidence_by_source ON evidence (source_name, fresh_until_us) WHERE source_name <> '';
CREATE INDEX certificates_by_retry ON certificates (retry_time_us) WHERE retry_time_us IS NOT NULL;
CREATE INDEX certificates_for_review ON certificates (id) WHERE state IN ('MISMATCH', 'NOT_FOUND');
