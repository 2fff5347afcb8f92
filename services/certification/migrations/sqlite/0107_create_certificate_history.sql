-- What each certificate was before it changed: every version but the last, which is the certificate itself. A version was
-- known since its update time; its state was true since its state's time.
CREATE TABLE certificate_versions (
    id TEXT NOT NULL,
    number TEXT NOT NULL,
    holder TEXT NOT NULL,
    standard TEXT NOT NULL,
    job_type TEXT NOT NULL,
    level TEXT NOT NULL,
    issuer TEXT NOT NULL,
    issue_date TEXT NOT NULL,
    state TEXT NOT NULL,
    state_since_us BIGINT NOT NULL,
    verified_time_us BIGINT,
    evidence_until_us BIGINT,
    retry_time_us BIGINT,
    check_time_us BIGINT,
    source TEXT NOT NULL,
    revocation_reason TEXT NOT NULL,
    revocation_explanation TEXT NOT NULL,
    revocation_basis TEXT NOT NULL,
    revocation_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    revocation_by TEXT NOT NULL,
    hold_by TEXT NOT NULL,
    hold_beneath TEXT NOT NULL,
    measure_by TEXT NOT NULL,
    measure_explanation TEXT NOT NULL,
    measure_basis TEXT NOT NULL,
    measure_time_us BIGINT NOT NULL,
    superseded_by TEXT NOT NULL,
    lapsed_time_us BIGINT,
    PRIMARY KEY (id, version)
);

-- Who asserted that somebody holds a certificate, and may see it for that.
CREATE TABLE certificate_claims (
    certificate TEXT NOT NULL REFERENCES certificates (id),
    organization TEXT NOT NULL,
    claim_time_us BIGINT NOT NULL,
    PRIMARY KEY (certificate, organization)
);

CREATE INDEX certificate_claims_by_organization ON certificate_claims (organization, certificate);

-- The certificates that are shown as left without a listed issuer: it was struck off, and no source has answered since.
CREATE VIEW orphaned_certificates AS
SELECT c.id
FROM certificates AS c
JOIN issuers AS i ON i.id = c.issuer
WHERE i.standing = 'STRUCK_OFF' AND c.state NOT IN ('REVOKED', 'SUPERSEDED', 'SUSPECTED_FORGED')
    AND NOT (c.state = 'VERIFIED' AND COALESCE(c.verified_time_us, 0) > i.measure_entered_us)
    AND NOT (c.state IN ('MISMATCH', 'NOT_FOUND') AND COALESCE(c.check_time_us, 0) > i.measure_entered_us);
