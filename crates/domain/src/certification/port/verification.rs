use super::CertificateRecord;
use crate::certification::VerificationJob;
use crate::kernel::{CertificateId, OrganizationId, Timestamp};
use crate::ledger::StoreError;
use std::future::Future;

/// Which certificates are to be asked about again because their evidence runs out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenewalFilter<'a> {
    /// The source whose word runs out.
    pub source: &'a str,
    /// Only what ran out after this instant.
    pub from: Timestamp,
    /// Only what runs out up to this instant.
    pub until: Timestamp,
    /// Only those it was not asked about since.
    pub not_asked_since: Timestamp,
}

/// Which certificates are to be looked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryFilter<'a> {
    /// Only those whose time has come by this instant.
    pub now: Timestamp,
    /// Only those that no source was asked about since.
    pub not_asked_since: Timestamp,
    /// Only those that one of these sources was asked about last; any if there are none.
    pub sources: &'a [&'a str],
}

/// A certificate that was not found and is to be looked for again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// Which.
    pub certificate: CertificateId,
    /// The source that was asked last; empty if none ever was.
    pub source: String,
}

/// What is kept of checks by sources.
pub trait VerificationStore {
    /// A job that asks a source.
    fn verification_job(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<VerificationJob>, StoreError>> + Send;

    /// The jobs of a certificate that are open.
    fn open_verification_jobs(
        &self,
        certificate: &CertificateId,
    ) -> impl Future<Output = Result<Vec<VerificationJob>, StoreError>> + Send;

    /// Up to `limit` jobs of a certificate, or of all, with ids greater than `after`.
    fn verification_jobs(
        &self,
        certificate: Option<&CertificateId>,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<VerificationJob>, StoreError>> + Send;

    /// Up to `limit` jobs of a source that are due.
    fn due_verification_jobs(
        &self,
        source: &str,
        now: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<VerificationJob>, StoreError>> + Send;

    /// The sources that have jobs which are due.
    fn due_certificate_sources(
        &self,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// When the next job is due.
    fn next_verification(&self) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// How many jobs about a certificate have come to "not found" since then.
    fn times_not_found(
        &self,
        certificate: &CertificateId,
        since: Timestamp,
    ) -> impl Future<Output = Result<i64, StoreError>> + Send;

    /// Up to `limit` certificates whose evidence by a source runs out.
    fn renewals(
        &self,
        filter: RenewalFilter<'_>,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<CertificateId>, StoreError>> + Send;

    /// Up to `limit` certificates that are to be looked for again, and that no source was asked about lately.
    fn retries(
        &self,
        filter: RetryFilter<'_>,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Retry>, StoreError>> + Send;

    /// Up to `limit` claimed certificates that a source was given up on, that no source has ever answered about, and that
    /// none was asked about since an instant.
    fn unanswered(
        &self,
        source: &str,
        not_asked_since: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<CertificateId>, StoreError>> + Send;

    /// Up to `limit` certificates that a human must look at, with ids greater than `after`: of the issuers that an
    /// organization acts as, or of all.
    fn certificates_for_review(
        &self,
        organization: Option<&OrganizationId>,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<CertificateRecord>, StoreError>> + Send;
}
