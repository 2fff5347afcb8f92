//! Asking a source of certificates, and what it compared.

use super::EvidenceResult;
use crate::kernel::CertificateId;
use crate::source::SourceJob;
use std::collections::BTreeSet;

/// One check of a certificate that a source was asked for.
pub type VerificationJob = SourceJob<CertificateId, EvidenceResult>;

/// What a source compares of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckedField {
    /// The person it was issued to.
    Holder,
    /// The standard 职业标准.
    Standard,
    /// The job type 工种.
    JobType,
    /// The level 等级.
    Level,
    /// The issuer.
    Issuer,
    /// The day of issue.
    IssueDate,
}

impl CheckedField {
    /// Every field.
    pub const ALL: [Self; 6] =
        [Self::Holder, Self::Standard, Self::JobType, Self::Level, Self::Issuer, Self::IssueDate];

    /// What a match must have compared: a certificate of somebody else, or for something else, is none.
    pub const ESSENTIAL: [Self; 3] = [Self::Holder, Self::JobType, Self::Level];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Holder => "HOLDER",
            Self::Standard => "STANDARD",
            Self::JobType => "JOB_TYPE",
            Self::Level => "LEVEL",
            Self::Issuer => "ISSUER",
            Self::IssueDate => "ISSUE_DATE",
        }
    }

    /// The field with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == code)
    }
}

/// In what a certificate differs from what a source has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences(BTreeSet<CheckedField>);

impl Differences {
    /// The fields, in order.
    pub fn fields(&self) -> impl Iterator<Item = CheckedField> + '_ {
        self.0.iter().copied()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The codes of the fields with a space between.
    pub fn code(&self) -> String {
        self.fields().map(CheckedField::code).collect::<Vec<_>>().join(" ")
    }

    /// The differences with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        code.split_whitespace().map(CheckedField::from_code).collect::<Option<_>>().map(Self)
    }
}

impl FromIterator<CheckedField> for Differences {
    fn from_iter<T: IntoIterator<Item = CheckedField>>(fields: T) -> Self {
        Self(fields.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for count in 0..=CheckedField::ALL.len() {
            let differences: Differences = CheckedField::ALL.into_iter().take(count).collect();
            assert_eq!(Differences::from_code(&differences.code()), Some(differences));
        }
        assert_eq!(Differences::from_code("HOLDER NAME"), None);
    }
}
