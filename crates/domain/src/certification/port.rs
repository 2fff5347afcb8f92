//! What the certification service asks of its store, in the domain's own terms.

pub use super::roll_import::{
    Approval, KeptFinding, MISSING_FROM, PlanRow, PlannedCertificate, Planner, RollBatch, RollCoverage,
    RollEncoding, RollFormat, RollImport, RollImportState, RollShape, RollTotals,
};
use super::{Certificate, Evidence, EvidenceSource, Issuer, Revocation, RollCode, RollVerdict, Standard};
use crate::kernel::{CertificateId, IssuerId, OrganizationId, RollImportId, Timestamp, Version};
use crate::ledger::{Position, StoreError, Write};
use std::future::Future;

/// An issuer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerRecord {
    /// The issuer.
    pub issuer: Issuer,
    /// The name on its certificates.
    pub display_name: String,
    /// When it was accredited first.
    pub create_time: Timestamp,
    /// When the record last changed.
    pub update_time: Timestamp,
}

/// A certificate as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRecord {
    /// The certificate.
    pub certificate: Certificate,
    /// Who said so last, if anybody has.
    pub source: Option<EvidenceSource>,
    /// Why it was revoked, if it was and somebody told why.
    pub revocation: Option<Revocation>,
    /// When it became known here.
    pub create_time: Timestamp,
    /// When the record last changed.
    pub update_time: Timestamp,
}

impl CertificateRecord {
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
    /// Only those of issuers this organization acts as.
    pub organization: Option<OrganizationId>,
}

/// One check of a certificate, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRecord {
    /// Its id.
    pub id: String,
    /// Of which certificate.
    pub certificate: CertificateId,
    /// The evidence.
    pub evidence: Evidence,
    /// The organization that attested it.
    pub organization: OrganizationId,
}

/// What a write does to the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Nothing; the answer alone is stored.
    Nothing,
    /// Standards to be told, each at the version it is to have: the first, or the one behind that which was read.
    /// `Conflict` if somebody else told one of them meanwhile.
    TellStandards(Vec<StandardRecord>),
    /// A new issuer. `Taken("issuer")` if the id is.
    AddIssuer(IssuerRecord),
    /// A changed certificate at the version it was read at, and the evidence that changed it, if it was evidence.
    SaveCertificate(Box<CertificateRecord>, Option<EvidenceRecord>),
    /// Evidence nothing follows from, such as the silence of a source.
    AddEvidence(EvidenceRecord, Timestamp),
    /// A new import without rows. `Taken("roll_import")` if the id is.
    AddImport(RollImport),
    /// The import alone, at the version it was read at.
    SaveImport(RollImport),
    /// More rows of a plan that is being made, and the import with its progress, at the version it was read at.
    StageRows(RollImport, Vec<PlanRow>),
    /// The import, at the version it was read at, and none of its rows any more.
    DropRows(RollImport),
    /// A batch of an import. `Taken("certificate")` if a certificate changed since the plan, `Conflict` if the import did.
    ApplyBatch(Box<RollBatch>),
}

/// The store of the certification service.
pub trait Store: Clone + Send + Sync + 'static {
    /// An issuer.
    fn issuer(&self, id: &IssuerId) -> impl Future<Output = Result<Option<IssuerRecord>, StoreError>> + Send;

    /// Up to `limit` issuers with ids greater than `after`.
    fn issuers(
        &self,
        after: &str,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<IssuerRecord>, StoreError>> + Send;

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

    /// The certificates with these numbers, in no order.
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

    /// Changes verdict and findings of staged rows.
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

    /// How many certificates of an issuer are verified, on evidence that counts at `now`.
    fn in_force(
        &self,
        issuer: &IssuerId,
        now: Timestamp,
    ) -> impl Future<Output = Result<i64, StoreError>> + Send;

    /// The first row behind `after`, up to row `through`, that is to be carried out and whose certificate is at another
    /// version than the plan was made on.
    fn first_outdated(
        &self,
        import: &RollImportId,
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
