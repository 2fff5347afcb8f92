-- Professional qualifications and their reviews. The holder is the suite-wide person id, `person` the name that the filing
-- organization has for the same person; no name of a person, no document number.
CREATE TABLE qualifications (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    person TEXT COLLATE "C" NOT NULL,
    domain TEXT COLLATE "C" NOT NULL,
    title TEXT NOT NULL,
    register_number TEXT COLLATE "C" NOT NULL,
    employer_proof BYTEA NOT NULL,
    valid_until TEXT NOT NULL,
    organization TEXT COLLATE "C" NOT NULL,
    filing_person TEXT NOT NULL,
    state TEXT COLLATE "C" NOT NULL
        CHECK (state IN ('FILED', 'ACCEPTED', 'REFUSED', 'RECHECK_DUE', 'LAPSED', 'WITHDRAWN')),
    state_since_us BIGINT NOT NULL,
    recheck_us BIGINT,
    due_us BIGINT,
    file_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL,
    version BIGINT NOT NULL
);

-- One licence of one person stands once on the file of an organization.
CREATE UNIQUE INDEX qualifications_on_file ON qualifications (organization, holder, domain, register_number)
WHERE state IN ('FILED', 'ACCEPTED', 'RECHECK_DUE');
CREATE INDEX qualifications_by_organization ON qualifications (organization, id);
CREATE INDEX qualifications_due ON qualifications (due_us, id) WHERE due_us IS NOT NULL;

-- Appended and never changed. `version` is that of the qualification after the review.
CREATE TABLE qualification_reviews (
    qualification TEXT COLLATE "C" NOT NULL REFERENCES qualifications (id),
    version BIGINT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('ACCEPT', 'REFUSE')),
    reason TEXT NOT NULL,
    artefact_sha256 BYTEA NOT NULL,
    organization TEXT NOT NULL,
    review_time_us BIGINT NOT NULL,
    PRIMARY KEY (qualification, version)
);
