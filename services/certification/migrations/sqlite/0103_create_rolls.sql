-- Roll imports. One whose plan is being made has its rows staged behind it, in transactions of their own.
CREATE TABLE roll_imports (
    id TEXT NOT NULL PRIMARY KEY,
    issuer TEXT NOT NULL REFERENCES issuers (id),
    standard TEXT NOT NULL,
    file_name TEXT NOT NULL,
    coverage TEXT NOT NULL CHECK (coverage IN ('COMPLETE', 'PARTIAL')),
    format TEXT NOT NULL CHECK (format IN ('', 'CSV', 'XLSX')),
    encoding TEXT NOT NULL CHECK (encoding IN ('', 'UTF_8', 'GB18030')),
    state TEXT NOT NULL
        CHECK (state IN ('PLANNING', 'PLANNED', 'ABANDONED', 'APPLYING', 'APPLIED', 'OUTDATED', 'ROLLING_BACK',
            'ROLLED_BACK')),
    create_count BIGINT NOT NULL,
    update_count BIGINT NOT NULL,
    unchanged_count BIGINT NOT NULL,
    ambiguous_count BIGINT NOT NULL,
    invalid_count BIGINT NOT NULL,
    missing_count BIGINT NOT NULL,
    in_force_count BIGINT NOT NULL,
    withdrawal_count BIGINT NOT NULL,
    applied_count BIGINT NOT NULL,
    applied_through BIGINT NOT NULL,
    rolled_back_count BIGINT NOT NULL,
    kept_count BIGINT NOT NULL,
    rolled_back_through BIGINT NOT NULL,
    digest TEXT NOT NULL,
    create_time_us BIGINT NOT NULL,
    apply_time_us BIGINT,
    planned_by_client TEXT NOT NULL,
    planned_by_person TEXT NOT NULL,
    approved_by_client TEXT NOT NULL,
    approved_by_person TEXT NOT NULL,
    approve_time_us BIGINT,
    rollback_time_us BIGINT,
    version BIGINT NOT NULL
);

-- The rows of a plan: person ids, never a name or a document. Columns of rows that could not be read are empty. `before` is
-- what an import changes of a certificate, as it was when the plan was made.
CREATE TABLE roll_rows (
    import TEXT NOT NULL,
    line BIGINT NOT NULL,
    verdict TEXT NOT NULL
        CHECK (verdict IN ('CREATE', 'UPDATE', 'UNCHANGED', 'AMBIGUOUS', 'INVALID', 'MISSING')),
    number TEXT NOT NULL,
    certificate TEXT NOT NULL,
    holder TEXT NOT NULL,
    job_type TEXT NOT NULL,
    level TEXT NOT NULL,
    issue_date TEXT NOT NULL,
    base_version BIGINT NOT NULL,
    before TEXT NOT NULL,
    findings TEXT NOT NULL,
    PRIMARY KEY (import, line)
) WITHOUT ROWID;

CREATE INDEX roll_rows_by_number ON roll_rows (import, number);
