-- Roll imports. Rows are kept before their import is: an import without a row here is a plan that is being made, or was
-- given up.
CREATE TABLE roll_imports (
    id TEXT NOT NULL PRIMARY KEY,
    issuer TEXT NOT NULL REFERENCES issuers (id),
    standard TEXT NOT NULL,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('PLANNED', 'APPLYING', 'APPLIED', 'OUTDATED')),
    create_count BIGINT NOT NULL,
    update_count BIGINT NOT NULL,
    unchanged_count BIGINT NOT NULL,
    ambiguous_count BIGINT NOT NULL,
    invalid_count BIGINT NOT NULL,
    applied_count BIGINT NOT NULL,
    applied_through BIGINT NOT NULL,
    digest TEXT NOT NULL,
    create_time_us BIGINT NOT NULL,
    apply_time_us BIGINT,
    version BIGINT NOT NULL
);

-- The rows of a plan: person ids, never a name or a document. Columns of rows that could not be read are empty.
CREATE TABLE roll_rows (
    import TEXT NOT NULL,
    line BIGINT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('CREATE', 'UPDATE', 'UNCHANGED', 'AMBIGUOUS', 'INVALID')),
    number TEXT NOT NULL,
    certificate TEXT NOT NULL,
    holder TEXT NOT NULL,
    job_type TEXT NOT NULL,
    level TEXT NOT NULL,
    issue_date TEXT NOT NULL,
    base_version BIGINT NOT NULL,
    findings TEXT NOT NULL,
    PRIMARY KEY (import, line)
);

CREATE INDEX roll_rows_by_number ON roll_rows (import, number);
