use crate::certification::{CertificateState, Issuer};
use crate::kernel::{StandardId, Timestamp};
use crate::occupation::{JobType, Level};

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

impl IssuerRecord {
    /// The record as it stands after its change was stored at `now`.
    #[must_use]
    pub fn stored(&self, now: Timestamp) -> Self {
        let issuer = Issuer { version: self.issuer.version.next(), ..self.issuer.clone() };
        Self { issuer, update_time: now, ..self.clone() }
    }
}

/// Whom a measure against an issuer concerns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IssuerImpact {
    /// The certificates by kind, level and state, in that order.
    pub groups: Vec<CertificateGroup>,
    /// How many persons hold them.
    pub holders: i64,
}

/// Certificates of one kind in one state. The order of the fields is that of a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CertificateGroup {
    /// Under which standard.
    pub standard: StandardId,
    /// For which job type.
    pub job_type: JobType,
    /// At which level.
    pub level: Level,
    /// In which state.
    pub state: CertificateState,
    /// How many.
    pub certificates: i64,
    /// How many of them are verified on evidence that counts.
    pub in_force: i64,
}
