//! What the certification service asks of its store, in the domain's own terms.

mod application;
mod evidence;
mod issuer;
mod qualification;
mod verification;

pub use super::history::{AsOf, CertificateFinding, ClaimRecord, KeptEvidence};
pub use super::roll_import::{
    Approval, KeptFinding, MISSING_FROM, PlanRow, PlannedCertificate, Planner, RollBatch, RollCoverage,
    RollEncoding, RollFormat, RollImport, RollImportState, RollShape, RollTotals,
};
pub use application::{ApplicationFilter, ApplicationRecord, ApplicationStore};
pub use evidence::{EvidenceRecord, SourceLookup};
pub use issuer::{CertificateGroup, IssuerImpact, IssuerRecord};
pub use qualification::{QualificationFilter, QualificationRecord, QualificationStore};
pub use verification::{RenewalFilter, Retry, RetryFilter, VerificationStore};

use super::{
    Assessment, Certificate, CertificateState, EvidenceSource, IssuerClass, Measure, QualificationReview,
    Revocation, RollCode, RollVerdict, Standard, VerificationJob,
};
use crate::kernel::{
    CertificateId, IssuerId, OrganizationId, PersonId, RollImportId, StandardId, Timestamp, Version,
};
use crate::ledger::{Position, StoreError, Write};
use std::future::Future;

/// A certificate as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRecord {
    /// The certificate.
    pub certificate: Certificate,
    /// Who said so last, if anybody has.
    pub source: Option<EvidenceSource>,
    /// Why it was revoked, if it was and somebody told why.
    pub revocation: Option<Revocation>,
    /// What people decided last, other than to revoke it.
    pub measure: Option<Measure>,
    /// The certificate of a higher level that took its place, while it is superseded.
    pub superseded_by: Option<CertificateId>,
    /// When it became known here.
    pub create_time: Timestamp,
    /// When the record last changed.
    pub update_time: Timestamp,
}

impl CertificateRecord {
    /// A certificate that is new at `now`.
    pub fn new(certificate: Certificate, source: Option<EvidenceSource>, now: Timestamp) -> Self {
        Self {
            certificate,
            source,
            revocation: None,
            measure: None,
            superseded_by: None,
            create_time: now,
            update_time: now,
        }
    }

    /// Whether this was on record by `as_of.known`, and its state true by `as_of.effective`.
    pub fn held_at(&self, as_of: AsOf) -> bool {
        self.update_time <= as_of.known && self.certificate.state_since <= as_of.effective
    }

    /// The record as it stands after its change was stored at `now`.
    #[must_use]
    pub fn stored(&self, now: Timestamp) -> Self {
        let certificate =
            Certificate { version: self.certificate.version.next(), ..self.certificate.clone() };
        Self { certificate, update_time: now, ..self.clone() }
    }
}

/// A standard as it was last told to those who follow this service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardRecord {
    /// The standard.
    pub standard: Standard,
    /// SHA-256 of the file it was read from.
    pub digest: [u8; 32],
    /// The version this value has.
    pub version: Version,
    /// When it was told.
    pub tell_time: Timestamp,
}

/// Which certificates to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateFilter {
    /// Only this issuer's.
    pub issuer: Option<IssuerId>,
    /// Only those of issuers this organization acts as, and those it claimed.
    pub organization: Option<OrganizationId>,
    /// Only those shown in this state.
    pub state: Option<CertificateState>,
    /// Only those with this finding. Not together with an organization.
    pub finding: Option<CertificateFinding>,
}

/// What a write does to the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing; the answer alone is stored.
    Nothing,
    /// Standards to be told, each at the version it is to have: the first, or the one behind that which was read.
    /// `Conflict` if somebody else told one of them meanwhile.
    TellStandards(Vec<StandardRecord>),
    /// A new issuer. `Taken("issuer")` if the id is, `Taken("site")` if a site is another's.
    AddIssuer(IssuerRecord),
    /// Several, in their order, all or nothing.
    All(Vec<Change>),
    /// Nothing, as long as no certificate has this number. `Conflict` if one has.
    KeepNumberFree(String),
    /// A new certificate. `Taken("certificate")` if its holder has one of this number, or another of it is verified.
    AddCertificate(Box<CertificateRecord>),
    /// A new claim to a certificate. `Conflict` if the organization has claimed it already.
    AddClaim(ClaimRecord),
    /// A changed issuer at the version it was read at. `Taken("site")` if a site is another's.
    SaveIssuer(IssuerRecord),
    /// A new qualification. `Taken("qualification")` if the licence is on file.
    AddQualification(QualificationRecord),
    /// A changed qualification at the version it was read at, and the review that changed it, if it was a review.
    SaveQualification(QualificationRecord, Option<QualificationReview>),
    /// A changed certificate at the version it was read at, and the evidence that changed it, if it was evidence. What it
    /// was before is kept. `Conflict` if it has changed since, or is to be verified while another of its number is.
    SaveCertificate(Box<CertificateRecord>, Option<Box<EvidenceRecord>>),
    /// A new application.
    AddApplication(Box<ApplicationRecord>),
    /// A changed application at the version it was read at, and the part that was recorded with the change, if one was.
    SaveApplication(Box<ApplicationRecord>, Option<Assessment>),
    /// Evidence nothing follows from, such as the silence of a source.
    AddEvidence(EvidenceRecord, Timestamp),
    /// A new import without rows. `Taken("roll_import")` if the id is.
    AddImport(RollImport),
    /// The import alone, at the version it was read at.
    SaveImport(RollImport),
    /// A new job. `Taken("verification_job")` if one of the same certificate and source is open.
    AddVerificationJob(VerificationJob),
    /// A changed job at the version it was read at. `Conflict` if it has another one by now.
    SaveVerificationJob(VerificationJob),
    /// More rows of a plan that is being made, and the import with its progress, at the version it was read at.
    StageRows(RollImport, Vec<PlanRow>),
    /// The import, at the version it was read at, and none of its rows any more.
    DropRows(RollImport),
    /// A batch of an import. `Taken("certificate")` if a certificate changed since the plan, `Conflict` if the import did.
    ApplyBatch(Box<RollBatch>),
}

/// The store of the certification service.
pub trait Store:
    ApplicationStore + QualificationStore + VerificationStore + Clone + Send + Sync + 'static
{
    /// An issuer.
    fn issuer(&self, id: &IssuerId) -> impl Future<Output = Result<Option<IssuerRecord>, StoreError>> + Send;

    /// Up to `limit` issuers with ids greater than `after`.
    fn issuers(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<IssuerRecord>, StoreError>> + Send;

    /// The issuer that has the site with the first thirteen characters of a number.
    fn issuer_at(&self, prefix: &str) -> impl Future<Output = Result<Option<IssuerId>, StoreError>> + Send;

    /// What the certificates of an issuer come to that are neither revoked nor superseded. Evidence counts at `now`.
    fn impact(
        &self,
        issuer: &IssuerId,
        now: Timestamp,
    ) -> impl Future<Output = Result<IssuerImpact, StoreError>> + Send;

    /// Up to `limit` standards that were told, with ids greater than `after`.
    fn standards_told(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<StandardRecord>, StoreError>> + Send;

    /// A certificate.
    fn certificate(
        &self,
        id: &CertificateId,
    ) -> impl Future<Output = Result<Option<CertificateRecord>, StoreError>> + Send;

    /// A certificate as it was known, and true, at some time; none if there was nothing to know, or nothing true, then.
    fn certificate_as_of(
        &self,
        id: &CertificateId,
        as_of: AsOf,
    ) -> impl Future<Output = Result<Option<CertificateRecord>, StoreError>> + Send;

    /// Up to `limit` verified certificates whose evidence has run out by `now`, which has not been noted yet.
    fn lapsing(
        &self,
        now: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<CertificateRecord>, StoreError>> + Send;

    /// When the next evidence runs out, or did without being noted.
    fn next_lapse(&self) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// The last number from `first` to `last`, both included, that a certificate has.
    fn last_number(
        &self,
        first: &str,
        last: &str,
    ) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Up to `limit` numbers from `first` to `last`, both included, that certificates have, in order and each once.
    fn numbers(
        &self,
        first: &str,
        last: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Up to `limit` issuers filed with this class and code, and in this province if it is not empty.
    fn issuers_filed(
        &self,
        class: IssuerClass,
        code: &str,
        province: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<IssuerId>, StoreError>> + Send;

    /// An organization's claim to a certificate.
    fn claim(
        &self,
        certificate: &CertificateId,
        organization: &OrganizationId,
    ) -> impl Future<Output = Result<Option<ClaimRecord>, StoreError>> + Send;

    /// Up to `limit` claims behind one of a certificate and an organization.
    fn claims(
        &self,
        after: (&str, &str),
        limit: i64,
    ) -> impl Future<Output = Result<Vec<ClaimRecord>, StoreError>> + Send;

    /// Up to `limit` checks of a certificate with ids greater than `after`.
    fn evidence(
        &self,
        certificate: &CertificateId,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<KeptEvidence>, StoreError>> + Send;

    /// Up to `limit` checks of all certificates with ids greater than `after`.
    fn all_evidence(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<KeptEvidence>, StoreError>> + Send;

    /// Up to `limit` earlier versions of all certificates behind a version of one, in the order of ids and versions.
    fn certificate_versions(
        &self,
        after: (&str, i64),
        limit: i64,
    ) -> impl Future<Output = Result<Vec<CertificateRecord>, StoreError>> + Send;

    /// The certificates with these numbers, by number and id. Several persons may be said to hold one.
    fn certificates_numbered(
        &self,
        numbers: &[String],
    ) -> impl Future<Output = Result<Vec<CertificateRecord>, StoreError>> + Send;

    /// Up to `limit` certificates with ids greater than `after`.
    fn certificates(
        &self,
        filter: &CertificateFilter,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<CertificateRecord>, StoreError>> + Send;

    /// Up to `limit` certificates of a holder under a standard.
    fn certificates_held(
        &self,
        holder: &PersonId,
        standard: &StandardId,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<CertificateRecord>, StoreError>> + Send;

    /// An import.
    fn import(
        &self,
        id: &RollImportId,
    ) -> impl Future<Output = Result<Option<RollImport>, StoreError>> + Send;

    /// Up to `limit` imports with ids greater than `after`.
    fn imports(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<RollImport>, StoreError>> + Send;

    /// Up to `limit` rows of an import behind row `after`, with one verdict or any.
    fn rows(
        &self,
        import: &RollImportId,
        verdict: Option<RollVerdict>,
        after: i64,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<PlanRow>, StoreError>> + Send;

    /// Up to `limit` rows of an import behind row `after` with this finding.
    fn rows_with_finding(
        &self,
        import: &RollImportId,
        code: RollCode,
        after: i64,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<PlanRow>, StoreError>> + Send;

    /// Up to `limit` rows behind row `after` that are to be carried out.
    fn rows_to_apply(
        &self,
        import: &RollImportId,
        after: i64,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<PlanRow>, StoreError>> + Send;

    /// Up to `limit` certificate numbers greater than `after` that stand in more than one readable row of an import.
    fn repeated_numbers(
        &self,
        import: &RollImportId,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Up to `limit` rows of an import with one certificate number, behind row `after`, in the order of the file.
    fn rows_numbered(
        &self,
        import: &RollImportId,
        number: &str,
        after: i64,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<PlanRow>, StoreError>> + Send;

    /// Changes verdict and findings of staged rows, and what they say a certificate was before.
    fn restage(
        &self,
        import: &RollImportId,
        rows: &[PlanRow],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// How many rows of an import have no number that could be read.
    fn rows_without_number(
        &self,
        import: &RollImportId,
    ) -> impl Future<Output = Result<i64, StoreError>> + Send;

    /// Up to `limit` certificates with ids greater than `after`, of an import's issuer and standard, whose number stands in
    /// no row of it.
    fn missing(
        &self,
        import: &RollImport,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<CertificateRecord>, StoreError>> + Send;

    /// How many certificates of an issuer under a standard are verified, on evidence that counts at `now`.
    fn in_force(
        &self,
        issuer: &IssuerId,
        standard: &StandardId,
        now: Timestamp,
    ) -> impl Future<Output = Result<i64, StoreError>> + Send;

    /// The first row behind `after`, up to row `through`, that is to be carried out and whose certificate is no longer as
    /// it was when the plan was made: at another version, but for a note that its evidence ran out, or known by now where
    /// none was. Somebody else's of the same number is as good as its own, if a source ever confirmed it.
    fn first_outdated(
        &self,
        import: &RollImport,
        after: i64,
        through: i64,
    ) -> impl Future<Output = Result<Option<i64>, StoreError>> + Send;

    /// What the rows behind `after` that create or update say, apart from their numbers and holders: each kind once.
    fn shapes(
        &self,
        import: &RollImportId,
        after: i64,
    ) -> impl Future<Output = Result<Vec<RollShape>, StoreError>> + Send;

    /// Up to `limit` imports whose plan was begun before this instant and is still being made.
    fn unfinished(
        &self,
        before: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<RollImport>, StoreError>> + Send;

    /// Carries out a change with everything a write carries, in one transaction.
    fn commit(
        &self,
        change: Change,
        write: Write,
    ) -> impl Future<Output = Result<Position, StoreError>> + Send;
}
