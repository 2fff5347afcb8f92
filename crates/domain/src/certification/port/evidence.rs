use crate::certification::{Differences, Evidence, SourceAuthentication};
use crate::kernel::{CertificateId, OrganizationId};

/// One check of a certificate, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRecord {
    /// Its id.
    pub id: String,
    /// Of which certificate.
    pub certificate: CertificateId,
    /// The evidence.
    pub evidence: Evidence,
    /// The organization that attested it; none where a configured source was asked.
    pub organization: Option<OrganizationId>,
    /// How a configured source was asked, if one was.
    pub lookup: Option<SourceLookup>,
}

/// How a configured source came to say something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLookup {
    /// The source, by the name it had in the configuration.
    pub source: String,
    /// The job that asked it.
    pub job: String,
    /// How it is known that the answer is the source's.
    pub authentication: Option<SourceAuthentication>,
    /// In what the certificate differs from what the source has.
    pub differences: Differences,
}
