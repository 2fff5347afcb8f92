-- Persons. Name, document number and birth date are inside `record`, encrypted with the person's own key.
CREATE TABLE persons (
    id TEXT NOT NULL PRIMARY KEY,
    -- Keyed hash of the document.
    lookup BLOB NOT NULL,
    -- Keyed hash of document and name: until a check proves whose it is, a document may be claimed under several names.
    claim_lookup BLOB NOT NULL UNIQUE,
    -- `lookup` once more, from the first match on: no second record can be proven with the same document.
    proven_lookup BLOB UNIQUE,
    document_type TEXT NOT NULL CHECK (document_type IN (
        'RESIDENT_IDENTITY_CARD', 'HONG_KONG_MACAO_RESIDENCE_PERMIT', 'TAIWAN_RESIDENCE_PERMIT',
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
    wrapped_key BLOB NOT NULL,
    record BLOB NOT NULL,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);

CREATE INDEX persons_by_lookup ON persons (lookup);

-- Each organization has its own name for a person, so that two of them cannot join their data.
CREATE TABLE pairwise_names (
    organization TEXT NOT NULL,
    pairwise_id TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES persons (id),
    create_time_us BIGINT NOT NULL,
    PRIMARY KEY (organization, pairwise_id),
    UNIQUE (organization, person)
);

-- Evidence: rows are added, never changed.
CREATE TABLE proofings (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES persons (id),
    method TEXT NOT NULL CHECK (method IN ('ADMINISTRATOR_ATTESTATION', 'SANDBOX')),
    result TEXT NOT NULL CHECK (result IN ('MATCH', 'MISMATCH', 'NOT_FOUND', 'SOURCE_UNAVAILABLE')),
    checked_at_us BIGINT NOT NULL,
    fresh_until_us BIGINT NOT NULL,
    -- SHA-256 of the artefact; empty if there is none.
    artefact_sha256 BLOB NOT NULL,
    -- YYYY-MM-DD; empty for a long-term document.
    document_valid_until TEXT NOT NULL,
    client TEXT NOT NULL,
    organization TEXT NOT NULL,
    create_time_us BIGINT NOT NULL
);

CREATE INDEX proofings_by_person ON proofings (person, id);
