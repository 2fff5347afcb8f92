//! Jobs that ask sources, and the certificates they are to ask about again.

use crate::engine;
use crate::feed_store::{Unit, unique_or};
use greenroom_domain::certification::port::{
    CertificateRecord, RenewalFilter, Retry, RetryFilter, VerificationStore,
};
use greenroom_domain::certification::{EvidenceResult, VerificationJob};
use greenroom_domain::kernel::{CertificateId, Id, OrganizationId, Timestamp};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::source::JobRow;
use sqlx::{query_file, query_file_as};

type Pool = sqlx::Pool<engine::Db>;

fn read(row: JobRow) -> Result<VerificationJob, StoreError> {
    row.read(EvidenceResult::from_code)
}

fn all(rows: Result<Vec<JobRow>, sqlx::Error>) -> Result<Vec<VerificationJob>, StoreError> {
    rows.map_err(engine::failure)?.into_iter().map(read).collect()
}

async fn one(pool: &Pool, id: &str) -> Result<Option<VerificationJob>, StoreError> {
    let row = query_file_as!(JobRow, "../queries/read_verification_job.sql", id).fetch_optional(pool).await;
    row.map_err(engine::failure)?.map(read).transpose()
}

async fn open(pool: &Pool, certificate: &CertificateId) -> Result<Vec<VerificationJob>, StoreError> {
    let rows = query_file_as!(JobRow, "../queries/list_open_verification_jobs.sql", certificate.as_str());
    all(rows.fetch_all(pool).await)
}

async fn list(
    pool: &Pool,
    certificate: Option<&CertificateId>,
    after: &str,
    limit: i64,
) -> Result<Vec<VerificationJob>, StoreError> {
    let Some(certificate) = certificate else {
        let rows = query_file_as!(JobRow, "../queries/list_verification_jobs.sql", after, limit);
        return all(rows.fetch_all(pool).await);
    };
    let of = certificate.as_str();
    let rows = query_file_as!(JobRow, "../queries/list_verification_jobs_of.sql", of, after, limit);
    all(rows.fetch_all(pool).await)
}

async fn due(
    pool: &Pool,
    source: &str,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<VerificationJob>, StoreError> {
    let now = now.as_micros();
    let rows = query_file_as!(JobRow, "../queries/list_due_verification_jobs.sql", source, now, limit);
    all(rows.fetch_all(pool).await)
}

async fn due_sources(pool: &Pool, now: Timestamp) -> Result<Vec<String>, StoreError> {
    let rows = query_file!("../queries/list_due_certificate_sources.sql", now.as_micros());
    let rows = rows.fetch_all(pool).await.map_err(engine::failure)?;
    Ok(rows.into_iter().map(|row| row.source).collect())
}

async fn next(pool: &Pool) -> Result<Option<Timestamp>, StoreError> {
    let row = query_file!("../queries/next_verification.sql").fetch_one(pool).await;
    Ok(row.map_err(engine::failure)?.due_us.map(Timestamp::from_micros))
}

async fn times_not_found(
    pool: &Pool,
    certificate: &CertificateId,
    since: Timestamp,
) -> Result<i64, StoreError> {
    let row = query_file!("../queries/count_not_found.sql", certificate.as_str(), since.as_micros());
    Ok(row.fetch_one(pool).await.map_err(engine::failure)?.count)
}

fn id(text: &str) -> Result<CertificateId, StoreError> {
    Id::try_new(text).map_err(|_| StoreError::Damaged("`certificates.id` holds an unknown value".to_owned()))
}

async fn renewals(
    pool: &Pool,
    filter: RenewalFilter<'_>,
    limit: i64,
) -> Result<Vec<CertificateId>, StoreError> {
    let rows = query_file!(
        "../queries/list_renewals.sql",
        filter.source,
        filter.from.as_micros(),
        filter.until.as_micros(),
        filter.not_asked_since.as_micros(),
        limit
    );
    rows.fetch_all(pool).await.map_err(engine::failure)?.into_iter().map(|row| id(&row.id)).collect()
}

async fn retries(pool: &Pool, filter: RetryFilter<'_>, limit: i64) -> Result<Vec<Retry>, StoreError> {
    let (now, since) = (filter.now.as_micros(), filter.not_asked_since.as_micros());
    // Each name between spaces, which no name has.
    let sources = match filter.sources {
        [] => String::new(),
        names => format!(" {} ", names.join(" ")),
    };
    let rows = query_file!("../queries/list_retries.sql", now, since, limit, sources).fetch_all(pool).await;
    let retry = |certificate: String, source| Ok(Retry { certificate: id(&certificate)?, source });
    rows.map_err(engine::failure)?.into_iter().map(|row| retry(row.certificate, row.source)).collect()
}

async fn unanswered(
    pool: &Pool,
    source: &str,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<CertificateId>, StoreError> {
    let rows = query_file!("../queries/list_unanswered.sql", source, since.as_micros(), limit);
    rows.fetch_all(pool).await.map_err(engine::failure)?.into_iter().map(|row| id(&row.certificate)).collect()
}

pub(super) async fn add(unit: &mut Unit, new: &VerificationJob) -> Result<(), StoreError> {
    let row = JobRow::of(new, new.subject.as_str(), EvidenceResult::code);
    query_file!(
        "../queries/add_verification_job.sql",
        row.id,
        row.subject,
        row.source,
        row.state,
        row.ticket,
        row.attempts,
        row.outages,
        row.due_us,
        row.result,
        row.client,
        row.organization,
        row.acting_person,
        row.create_time_us,
        row.update_time_us,
        row.version
    )
    .execute(unit.connection())
    .await
    .map(drop)
    .map_err(|error| unique_or(error, StoreError::Taken("verification_job")))
}

/// Writes a job behind the version it was read at.
pub(super) async fn save(unit: &mut Unit, next: &VerificationJob) -> Result<(), StoreError> {
    let row = JobRow::of(next, next.subject.as_str(), EvidenceResult::code);
    let done = query_file!(
        "../queries/save_verification_job.sql",
        row.id,
        row.version,
        row.state,
        row.ticket,
        row.attempts,
        row.outages,
        row.due_us,
        row.result,
        row.update_time_us
    )
    .execute(unit.connection())
    .await
    .map_err(engine::failure)?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

impl VerificationStore for super::Store {
    async fn verification_job(&self, id: &str) -> Result<Option<VerificationJob>, StoreError> {
        one(self.pool(), id).await
    }

    async fn open_verification_jobs(
        &self,
        certificate: &CertificateId,
    ) -> Result<Vec<VerificationJob>, StoreError> {
        open(self.pool(), certificate).await
    }

    async fn verification_jobs(
        &self,
        certificate: Option<&CertificateId>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<VerificationJob>, StoreError> {
        list(self.pool(), certificate, after, limit).await
    }

    async fn due_verification_jobs(
        &self,
        source: &str,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<VerificationJob>, StoreError> {
        due(self.pool(), source, now, limit).await
    }

    async fn due_certificate_sources(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        due_sources(self.pool(), now).await
    }

    async fn next_verification(&self) -> Result<Option<Timestamp>, StoreError> {
        next(self.pool()).await
    }

    async fn times_not_found(
        &self,
        certificate: &CertificateId,
        since: Timestamp,
    ) -> Result<i64, StoreError> {
        times_not_found(self.pool(), certificate, since).await
    }

    async fn renewals(
        &self,
        filter: RenewalFilter<'_>,
        limit: i64,
    ) -> Result<Vec<CertificateId>, StoreError> {
        renewals(self.pool(), filter, limit).await
    }

    async fn retries(&self, filter: RetryFilter<'_>, limit: i64) -> Result<Vec<Retry>, StoreError> {
        retries(self.pool(), filter, limit).await
    }

    async fn unanswered(
        &self,
        source: &str,
        not_asked_since: Timestamp,
        limit: i64,
    ) -> Result<Vec<CertificateId>, StoreError> {
        unanswered(self.pool(), source, not_asked_since, limit).await
    }

    async fn certificates_for_review(
        &self,
        organization: Option<&OrganizationId>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        super::certificates::for_review(self.pool(), organization, after, limit).await
    }
}
