//! What is kept beside certificates: their history, who claimed them, what was said of them.

use super::port::EvidenceRecord;
use crate::kernel::{CertificateId, OrganizationId, Timestamp};

/// A point on the two axes of a certificate's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// What was known at this instant.
    pub known: Timestamp,
    /// What was true at this instant, as far as that was known.
    pub effective: Timestamp,
}

/// That an organization asserted that somebody holds a certificate. It may see the certificate for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRecord {
    /// Which one.
    pub certificate: CertificateId,
    /// Who asserts it.
    pub organization: OrganizationId,
    /// Since when.
    pub claim_time: Timestamp,
}

/// What is remarkable about a certificate beside others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CertificateFinding {
    /// Another person is on record with the same number.
    NumberHeldByAnother,
}

/// One check of a certificate, as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptEvidence {
    /// The check.
    pub record: EvidenceRecord,
    /// When it was recorded.
    pub record_time: Timestamp,
}
