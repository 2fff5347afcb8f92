//! Identity checks, what guardians said, and the jobs that ask sources.

use super::rows::{
    Connection, actor, added, all, bytes, code, id, one, optional_code, optional_digest, optional_id, saved,
    text,
};
use crate::engine::{Db, failure};
use greenroom_domain::identity::port::{GuardianStatement, ProofingRecord, RecheckFilter};
use greenroom_domain::identity::{
    GuardianConsent, Proofing, ProofingAuthentication, ProofingJob, ProofingMethod, ProofingResult,
};
use greenroom_domain::kernel::{Date, PersonId, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::source::JobState;
use sqlx::{Pool, query_file, query_file_as};

struct ProofingRow {
    id: String,
    person: String,
    method: String,
    source: String,
    authentication: String,
    result: String,
    checked_at_us: i64,
    fresh_until_us: i64,
    artefact_sha256: Vec<u8>,
    document_valid_until: String,
    client: String,
    organization: String,
    acting_person: String,
    create_time_us: i64,
}

impl TryFrom<ProofingRow> for ProofingRecord {
    type Error = StoreError;

    fn try_from(row: ProofingRow) -> Result<Self, StoreError> {
        let day = |text: &str| Date::parse(text).ok();
        Ok(Self {
            id: row.id,
            person: id(&row.person)?,
            proofing: Proofing {
                method: code(ProofingMethod::from_code(&row.method), "method of a check")?,
                source: row.source,
                authentication: optional_code(
                    &row.authentication,
                    ProofingAuthentication::from_code,
                    "authentication of a check",
                )?,
                result: code(ProofingResult::from_code(&row.result), "result of a check")?,
                checked_at: Timestamp::from_micros(row.checked_at_us),
                fresh_until: Timestamp::from_micros(row.fresh_until_us),
                artefact_sha256: optional_digest(row.artefact_sha256)?,
                document_valid_until: optional_code(&row.document_valid_until, day, "day")?,
            },
            actor: actor(&row.client, &row.organization, &row.acting_person)?,
            create_time: Timestamp::from_micros(row.create_time_us),
        })
    }
}

pub async fn proofings(pool: &Pool<Db>, after: &str, limit: i64) -> Result<Vec<ProofingRecord>, StoreError> {
    all(query_file_as!(ProofingRow, "../queries/list_proofings.sql", after, limit).fetch_all(pool).await)
}

pub async fn proofings_of(
    pool: &Pool<Db>,
    person: &PersonId,
    after: &str,
    limit: i64,
) -> Result<Vec<ProofingRecord>, StoreError> {
    let person = person.as_str();
    let rows = query_file_as!(ProofingRow, "../queries/list_proofings_of.sql", person, after, limit);
    all(rows.fetch_all(pool).await)
}

pub async fn add_proofing(connection: &mut Connection, new: &ProofingRecord) -> Result<(), StoreError> {
    let proofing = &new.proofing;
    let row = query_file!(
        "../queries/add_proofing.sql",
        new.id,
        new.person.as_str(),
        proofing.method.code(),
        proofing.source,
        proofing.authentication.map(ProofingAuthentication::code).unwrap_or_default(),
        proofing.result.code(),
        proofing.checked_at.as_micros(),
        proofing.fresh_until.as_micros(),
        bytes(proofing.artefact_sha256.as_ref()),
        proofing.document_valid_until.map(|date| date.to_string()).unwrap_or_default(),
        text(new.actor.client.as_ref()),
        text(new.actor.organization.as_ref()),
        text(new.actor.person.as_ref()),
        new.create_time.as_micros()
    );
    added(row.execute(connection).await, "proofing")
}

struct StatementRow {
    id: String,
    person: String,
    consent: String,
    artefact_sha256: Vec<u8>,
    guardian: String,
    client: String,
    organization: String,
    acting_person: String,
    create_time_us: i64,
}

impl TryFrom<StatementRow> for GuardianStatement {
    type Error = StoreError;

    fn try_from(row: StatementRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            person: id(&row.person)?,
            consent: code(GuardianConsent::from_code(&row.consent), "guardian consent")?,
            artefact_sha256: optional_digest(row.artefact_sha256)?,
            guardian: optional_id(&row.guardian)?,
            actor: actor(&row.client, &row.organization, &row.acting_person)?,
            create_time: Timestamp::from_micros(row.create_time_us),
        })
    }
}

pub async fn guardian_statements(
    pool: &Pool<Db>,
    after: &str,
    limit: i64,
) -> Result<Vec<GuardianStatement>, StoreError> {
    let rows = query_file_as!(StatementRow, "../queries/list_guardian_statements.sql", after, limit);
    all(rows.fetch_all(pool).await)
}

pub async fn add_guardian_statement(
    connection: &mut Connection,
    new: &GuardianStatement,
) -> Result<(), StoreError> {
    let row = query_file!(
        "../queries/add_guardian_statement.sql",
        new.id,
        new.person.as_str(),
        new.consent.code(),
        bytes(new.artefact_sha256.as_ref()),
        text(new.guardian.as_ref()),
        text(new.actor.client.as_ref()),
        text(new.actor.organization.as_ref()),
        text(new.actor.person.as_ref()),
        new.create_time.as_micros()
    );
    added(row.execute(connection).await, "guardian_statement")
}

struct JobRow {
    id: String,
    person: String,
    source: String,
    state: String,
    ticket: String,
    attempts: i64,
    outages: i64,
    due_us: Option<i64>,
    result: String,
    client: String,
    organization: String,
    acting_person: String,
    create_time_us: i64,
    update_time_us: i64,
    version: i64,
}

impl TryFrom<JobRow> for ProofingJob {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            subject: id(&row.person)?,
            source: row.source,
            state: code(JobState::from_code(&row.state), "job state")?,
            ticket: row.ticket,
            attempts: row.attempts,
            outages: row.outages,
            next_attempt: row.due_us.map(Timestamp::from_micros),
            result: optional_code(&row.result, ProofingResult::from_code, "result of a check")?,
            actor: actor(&row.client, &row.organization, &row.acting_person)?,
            create_time: Timestamp::from_micros(row.create_time_us),
            update_time: Timestamp::from_micros(row.update_time_us),
            version: Version::new(row.version),
        })
    }
}

pub async fn job(pool: &Pool<Db>, id: &str) -> Result<Option<ProofingJob>, StoreError> {
    one(query_file_as!(JobRow, "../queries/read_proofing_job.sql", id).fetch_optional(pool).await)
}

pub async fn open_job(
    pool: &Pool<Db>,
    person: &PersonId,
    source: &str,
) -> Result<Option<ProofingJob>, StoreError> {
    let row = query_file_as!(JobRow, "../queries/read_open_job.sql", person.as_str(), source);
    one(row.fetch_optional(pool).await)
}

pub async fn open_jobs(pool: &Pool<Db>, person: &PersonId) -> Result<Vec<ProofingJob>, StoreError> {
    all(query_file_as!(JobRow, "../queries/list_open_jobs.sql", person.as_str()).fetch_all(pool).await)
}

pub async fn jobs(pool: &Pool<Db>, after: &str, limit: i64) -> Result<Vec<ProofingJob>, StoreError> {
    all(query_file_as!(JobRow, "../queries/list_proofing_jobs.sql", after, limit).fetch_all(pool).await)
}

pub async fn due_jobs(
    pool: &Pool<Db>,
    source: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<ProofingJob>, StoreError> {
    let rows = query_file_as!(JobRow, "../queries/list_due_jobs.sql", source, now.as_micros(), limit);
    all(rows.fetch_all(pool).await)
}

pub async fn due_sources(pool: &Pool<Db>, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let rows = query_file!("../queries/list_due_sources.sql", now.as_micros()).fetch_all(pool).await;
    Ok(rows.map_err(failure)?.into_iter().map(|row| row.source).collect())
}

pub async fn rechecks(
    pool: &Pool<Db>,
    filter: RecheckFilter<'_>,
    limit: i64,
) -> Result<Vec<PersonId>, StoreError> {
    let rows = query_file!(
        "../queries/list_recheck_persons.sql",
        filter.source,
        filter.until.as_micros(),
        filter.not_asked_since.as_micros(),
        limit
    );
    rows.fetch_all(pool).await.map_err(failure)?.into_iter().map(|row| id(&row.id)).collect()
}

pub async fn add_job(connection: &mut Connection, new: &ProofingJob) -> Result<(), StoreError> {
    let row = query_file!(
        "../queries/add_proofing_job.sql",
        new.id,
        new.subject.as_str(),
        new.source,
        new.state.code(),
        new.ticket,
        new.attempts,
        new.outages,
        new.next_attempt.map(Timestamp::as_micros),
        new.result.map(ProofingResult::code).unwrap_or_default(),
        text(new.actor.client.as_ref()),
        text(new.actor.organization.as_ref()),
        text(new.actor.person.as_ref()),
        new.create_time.as_micros(),
        new.update_time.as_micros(),
        new.version.as_i64()
    );
    added(row.execute(connection).await, "proofing_job")
}

pub async fn save_job(connection: &mut Connection, next: &ProofingJob) -> Result<(), StoreError> {
    let row = query_file!(
        "../queries/save_proofing_job.sql",
        next.id,
        next.version.as_i64(),
        next.state.code(),
        next.ticket,
        next.attempts,
        next.outages,
        next.next_attempt.map(Timestamp::as_micros),
        next.result.map(ProofingResult::code).unwrap_or_default(),
        next.update_time.as_micros()
    );
    saved(row.execute(connection).await, "proofing_job")
}
