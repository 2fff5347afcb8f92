use super::measure::{Authority, Measure, is_founded};
use crate::kernel::Timestamp;

/// Why a certificate is withdrawn, as the holder must be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// On what ground.
    pub reason: RevocationReason,
    /// What happened, in words and without personal data; 1 to [`Revocation::LONGEST_EXPLANATION`] characters.
    pub explanation: String,
    /// The rule or decision it rests on; 1 to [`Revocation::LONGEST_BASIS`] characters.
    pub legal_basis: String,
    /// From when on the certificate does not count. Not in the future; often before it became known.
    pub effective_time: Timestamp,
    /// Who withdrew it.
    pub by: Authority,
}

impl Revocation {
    /// The most characters of an explanation.
    pub const LONGEST_EXPLANATION: usize = Measure::LONGEST_EXPLANATION;
    /// The most characters of a legal basis.
    pub const LONGEST_BASIS: usize = Measure::LONGEST_BASIS;

    /// Whether it tells what it must.
    pub(super) fn is_founded(&self) -> bool {
        is_founded(&self.explanation, &self.legal_basis)
    }
}

/// The grounds of revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RevocationReason {
    /// 作弊: cheating in the assessment.
    Cheating,
    /// 虚假申报: a false declaration in the application.
    FalseDeclaration,
    /// Issued by mistake.
    IssuedInError,
    /// Ordered by an authority.
    AuthorityOrder,
}

impl RevocationReason {
    /// Every ground.
    pub const ALL: [Self; 4] =
        [Self::Cheating, Self::FalseDeclaration, Self::IssuedInError, Self::AuthorityOrder];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cheating => "CHEATING",
            Self::FalseDeclaration => "FALSE_DECLARATION",
            Self::IssuedInError => "ISSUED_IN_ERROR",
            Self::AuthorityOrder => "AUTHORITY_ORDER",
        }
    }

    /// The ground with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for reason in RevocationReason::ALL {
            assert_eq!(RevocationReason::from_code(reason.code()), Some(reason));
        }
    }
}
