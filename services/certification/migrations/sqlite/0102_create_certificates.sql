-- Certificates and the evidence for them. The holder is the suite-wide person id; no name, no document number. The issuer
-- is `unknown` while nobody has told it.
CREATE TABLE certificates (
    id TEXT NOT NULL PRIMARY KEY,
    number TEXT NOT NULL,
    holder TEXT NOT NULL,
    standard TEXT NOT NULL,
    job_type TEXT NOT NULL,
    level TEXT NOT NULL
        CHECK (level IN ('LEVEL_APPRENTICE', 'LEVEL_5', 'LEVEL_4', 'LEVEL_3', 'LEVEL_2', 'LEVEL_1',
            'LEVEL_SPECIALLY_APPOINTED', 'LEVEL_CHIEF')),
    issuer TEXT NOT NULL,
    issue_date TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('CLAIMED', 'FORMAT_OK', 'UNDER_VERIFICATION', 'VERIFIED', 'NOT_FOUND', 'MISMATCH',
            'SUSPECTED_FORGED', 'SUSPENDED', 'REVOKED', 'ISSUER_STRUCK_OFF', 'SUPERSEDED')),
    state_since_us BIGINT NOT NULL,
    verified_time_us BIGINT,
    evidence_until_us BIGINT,
    retry_time_us BIGINT,
    check_time_us BIGINT,
    source TEXT NOT NULL
        CHECK (source IN ('', 'ISSUER_ROLL', 'OFFICIAL_LOOKUP', 'ADMINISTRATOR_ATTESTATION', 'SANDBOX')),
    revocation_reason TEXT NOT NULL
        CHECK (revocation_reason IN ('', 'CHEATING', 'FALSE_DECLARATION', 'ISSUED_IN_ERROR', 'AUTHORITY_ORDER')),
    revocation_explanation TEXT NOT NULL,
    revocation_basis TEXT NOT NULL,
    revocation_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    revocation_by TEXT NOT NULL DEFAULT '' CHECK (revocation_by IN ('', 'ISSUER', 'REGULATOR')),
    hold_by TEXT NOT NULL DEFAULT '' CHECK (hold_by IN ('', 'ISSUER', 'REGULATOR')),
    hold_beneath TEXT NOT NULL DEFAULT '',
    measure_by TEXT NOT NULL DEFAULT '' CHECK (measure_by IN ('', 'ISSUER', 'REGULATOR')),
    measure_explanation TEXT NOT NULL DEFAULT '',
    measure_basis TEXT NOT NULL DEFAULT '',
    measure_time_us BIGINT NOT NULL DEFAULT 0,
    superseded_by TEXT NOT NULL DEFAULT '',
    lapsed_time_us BIGINT,
    UNIQUE (number, holder)
);

-- Many may be said to hold a number; at most one of them is confirmed to.
CREATE UNIQUE INDEX certificates_verified_by_number ON certificates (number) WHERE state = 'VERIFIED';

-- What evidence runs out next.
CREATE INDEX certificates_by_evidence_until ON certificates (evidence_until_us)
WHERE state = 'VERIFIED' AND lapsed_time_us IS NULL;

CREATE INDEX certificates_by_issuer ON certificates (issuer, id);

-- Every check that was recorded by hand or by a source, with the organization that attested it; appended and never
-- changed. What a roll confirmed is in its rows.
CREATE TABLE evidence (
    id TEXT NOT NULL PRIMARY KEY,
    certificate TEXT NOT NULL REFERENCES certificates (id),
    source TEXT NOT NULL,
    witness TEXT NOT NULL CHECK (witness IN ('ISSUER', 'INDEPENDENT')),
    result TEXT NOT NULL
        CHECK (result IN ('MATCH', 'MISMATCH', 'NOT_FOUND', 'SOURCE_UNAVAILABLE', 'REVOKED')),
    check_time_us BIGINT NOT NULL,
    fresh_until_us BIGINT NOT NULL,
    artefact_sha256 BLOB NOT NULL,
    organization TEXT NOT NULL,
    create_time_us BIGINT NOT NULL
);

CREATE INDEX evidence_by_certificate ON evidence (certificate, id);
