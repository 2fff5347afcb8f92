-- Persons. Name, document or network number, and birth date are inside `record`, encrypted with the person's own key.
CREATE TABLE persons (
    id TEXT NOT NULL PRIMARY KEY,
    -- Keyed hash of the document or the network number; random once the record is erased.
    lookup BLOB NOT NULL,
    -- Keyed hash of document and name: until a check proves whose it is, a document may be claimed under several names.
    claim_lookup BLOB NOT NULL UNIQUE,
    -- `lookup` once more, from the first match on: no second record can be proven with the same document.
    proven_lookup BLOB UNIQUE,
    -- Empty for a person known by a network number alone.
    document_type TEXT NOT NULL CHECK (document_type IN (
        '', 'RESIDENT_IDENTITY_CARD', 'HONG_KONG_MACAO_RESIDENCE_PERMIT', 'TAIWAN_RESIDENCE_PERMIT',
        'FOREIGN_PERMANENT_RESIDENT_CARD', 'FOREIGN_PERMANENT_RESIDENT_CARD_OLD', 'PASSPORT', 'TRAVEL_PERMIT')),
    state TEXT NOT NULL CHECK (state IN (
        'UNVERIFIED', 'VERIFIED', 'RECHECK_DUE', 'DOCUMENT_EXPIRED', 'MISMATCH', 'FROZEN', 'ERASED')),
    state_since_us BIGINT NOT NULL,
    evidence_until_us BIGINT,
    document_until_us BIGINT,
    checked_at_us BIGINT,
    guardian_consent TEXT NOT NULL CHECK (guardian_consent IN ('NOT_RECORDED', 'GIVEN', 'WITHDRAWN')),
    guardian_consent_since_us BIGINT,
    hold_until_us BIGINT,
    -- The next instant at which time alone changes what is true of the person.
    due_us BIGINT,
    -- The id of the master key that `wrapped_key` is encrypted with; empty, like the two, once the record is erased.
    wrapped_by TEXT NOT NULL,
    wrapped_key BLOB NOT NULL,
    record BLOB NOT NULL,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX persons_by_lookup ON persons (lookup);
CREATE INDEX persons_by_due ON persons (due_us);
CREATE INDEX persons_by_evidence ON persons (evidence_until_us) WHERE state = 'VERIFIED';
CREATE INDEX persons_by_wrapped_by ON persons (wrapped_by);

-- Each organization has its own name for a person, so that two of them cannot join their data.
CREATE TABLE pairwise_names (
    organization TEXT NOT NULL,
    pairwise_id TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES persons (id),
    create_time_us BIGINT NOT NULL,
    PRIMARY KEY (organization, pairwise_id),
    UNIQUE (organization, person)
);

CREATE INDEX pairwise_names_by_person ON pairwise_names (person);

-- Evidence: rows are added, never changed.
CREATE TABLE proofings (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons (id),
    method TEXT NOT NULL CHECK (method IN ('ADMINISTRATOR_ATTESTATION', 'SANDBOX', 'SOURCE')),
    source TEXT NOT NULL,
    -- How it is known that the outcome is the source's; empty if nobody told.
    authentication TEXT NOT NULL CHECK (authentication IN (
        '', 'IN_PERSON', 'REMOTE', 'MUTUAL_TLS', 'SIGNED_ANSWER', 'LOCAL')),
    result TEXT NOT NULL CHECK (result IN ('MATCH', 'MISMATCH', 'NOT_FOUND', 'SOURCE_UNAVAILABLE')),
    checked_at_us BIGINT NOT NULL,
    fresh_until_us BIGINT NOT NULL,
    -- SHA-256 of the artefact; empty if there is none.
    artefact_sha256 BLOB NOT NULL,
    -- YYYY-MM-DD; empty for a long-term document.
    document_valid_until TEXT NOT NULL,
    client TEXT NOT NULL,
    organization TEXT NOT NULL,
    -- The human who acted through that client, under the organization's own name; empty for a machine.
    acting_person TEXT NOT NULL,
    create_time_us BIGINT NOT NULL
);

CREATE INDEX proofings_by_person ON proofings (person, id);

-- What guardians said: rows are added, never changed.
CREATE TABLE guardian_statements (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons (id),
    consent TEXT NOT NULL CHECK (consent IN ('GIVEN', 'WITHDRAWN')),
    -- SHA-256 of the signed statement; empty if there is none.
    artefact_sha256 BLOB NOT NULL,
    -- The suite-wide id of the guardian; empty if not registered.
    guardian TEXT NOT NULL,
    client TEXT NOT NULL,
    organization TEXT NOT NULL,
    acting_person TEXT NOT NULL,
    create_time_us BIGINT NOT NULL
);

-- Checks that a source was asked for.
CREATE TABLE proofing_jobs (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons (id),
    source TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('PENDING', 'WAITING', 'OUTAGE', 'CONCLUDED', 'GIVEN_UP')),
    ticket TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    outages BIGINT NOT NULL,
    -- When the source is asked next; absent once the job is closed.
    due_us BIGINT,
    -- What came of it; empty until then.
    result TEXT NOT NULL CHECK (result IN ('', 'MATCH', 'MISMATCH', 'NOT_FOUND', 'SOURCE_UNAVAILABLE')),
    client TEXT NOT NULL,
    organization TEXT NOT NULL,
    acting_person TEXT NOT NULL,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);

-- One open job for a person and a source.
CREATE UNIQUE INDEX proofing_jobs_open ON proofing_jobs (person, source) WHERE due_us IS NOT NULL;
CREATE INDEX proofing_jobs_by_due ON proofing_jobs (due_us);
CREATE INDEX proofing_jobs_by_source ON proofing_jobs (source, due_us);
CREATE INDEX proofing_jobs_by_person ON proofing_jobs (person, source);
