-- Issuers, and what each is accredited for: one row per accreditation and level.
CREATE TABLE issuers (
    id TEXT NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL,
    display_name TEXT NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('EMPLOYER', 'SOCIAL_ORGANIZATION')),
    code TEXT NOT NULL,
    province TEXT NOT NULL,
    standing TEXT NOT NULL CHECK (standing IN ('LISTED', 'SUSPENDED', 'STRUCK_OFF')),
    measure_explanation TEXT NOT NULL,
    measure_basis TEXT NOT NULL,
    measure_effective_us BIGINT,
    measure_entered_us BIGINT,
    review_until_us BIGINT,
    version BIGINT NOT NULL,
    create_time_us BIGINT NOT NULL,
    update_time_us BIGINT NOT NULL
);

CREATE INDEX issuers_by_organization ON issuers (organization);

-- An open accreditation has the empty text as its last day.
CREATE TABLE accreditations (
    issuer TEXT NOT NULL REFERENCES issuers (id),
    place BIGINT NOT NULL,
    standard TEXT NOT NULL,
    job_type TEXT NOT NULL,
    level TEXT NOT NULL,
    from_date TEXT NOT NULL,
    to_date TEXT NOT NULL,
    PRIMARY KEY (issuer, place, level)
);

-- Where an issuer assesses. The first thirteen characters of a site's certificate numbers are one site's for good.
CREATE TABLE issuer_sites (
    issuer TEXT NOT NULL REFERENCES issuers (id),
    place BIGINT NOT NULL,
    prefix TEXT NOT NULL UNIQUE,
    sequence TEXT NOT NULL,
    province TEXT NOT NULL,
    display_name TEXT NOT NULL,
    from_date TEXT NOT NULL,
    to_date TEXT NOT NULL,
    PRIMARY KEY (issuer, place)
);
