-- Applications for an assessment. Candidates and assessors are person ids; no name, no document number.
CREATE TABLE applications (
    id TEXT NOT NULL PRIMARY KEY,
    applicant TEXT NOT NULL,
    pairwise TEXT NOT NULL,
    candidate TEXT NOT NULL,
    issuer TEXT NOT NULL REFERENCES issuers (id),
    standard TEXT NOT NULL,
    job_type TEXT NOT NULL,
    level TEXT NOT NULL
        CHECK (level IN ('LEVEL_APPRENTICE', 'LEVEL_5', 'LEVEL_4', 'LEVEL_3', 'LEVEL_2', 'LEVEL_1',
            'LEVEL_SPECIALLY_APPOINTED', 'LEVEL_CHIEF')),
    state TEXT NOT NULL
        CHECK (state IN ('DRAFT', 'SUBMITTED', 'ACCEPTED', 'REFUSED', 'ASSESSING', 'PASSED', 'FAILED',
            'CERTIFIED', 'WITHDRAWN')),
    state_since_us BIGINT NOT NULL,
    submit_time_us BIGINT,
    review_time_us BIGINT,
    review_reason TEXT NOT NULL,
    history BLOB NOT NULL,
    evaluation BLOB NOT NULL,
    assessment_count BIGINT NOT NULL,
    conclude_date TEXT NOT NULL,
    part_results TEXT NOT NULL,
    unconfirmed TEXT NOT NULL,
    retake_until TEXT NOT NULL,
    certificate TEXT NOT NULL,
    version BIGINT NOT NULL,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL
);

CREATE INDEX applications_by_applicant ON applications (applicant, id);
CREATE INDEX applications_by_candidate ON applications (candidate, id);
CREATE INDEX applications_by_issuer ON applications (issuer, id);

-- Every part of an assessment that was recorded; appended and never changed. A correction names the record it replaces.
CREATE TABLE assessments (
    application TEXT NOT NULL REFERENCES applications (id),
    number BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    part TEXT NOT NULL CHECK (part IN ('THEORY', 'SKILLS', 'COMPREHENSIVE_REVIEW')),
    score BIGINT NOT NULL CHECK (score BETWEEN 0 AND 100),
    assessors TEXT NOT NULL,
    assess_date TEXT NOT NULL,
    site TEXT NOT NULL,
    replaces BIGINT NOT NULL,
    reason TEXT NOT NULL,
    record_time_us BIGINT NOT NULL,
    PRIMARY KEY (application, number)
);

CREATE INDEX certificates_by_holder_and_standard ON certificates (holder, standard);
