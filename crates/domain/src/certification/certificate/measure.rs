use crate::kernel::Timestamp;

/// Who decided something about a certificate. The greater one's decisions are not the lesser one's to undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// The organisation that issued it.
    Issuer,
    /// A regulator.
    Regulator,
}

impl Authority {
    /// Every authority.
    pub const ALL: [Self; 2] = [Self::Issuer, Self::Regulator];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Issuer => "ISSUER",
            Self::Regulator => "REGULATOR",
        }
    }

    /// The authority with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|authority| authority.code() == code)
    }
}

/// What people decided about a certificate, other than to revoke it: that it does not count for now, or counts again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Who decided.
    pub by: Authority,
    /// What happened, in words and without personal data; 1 to [`Measure::LONGEST_EXPLANATION`] characters.
    pub explanation: String,
    /// The rule or decision it rests on; 1 to [`Measure::LONGEST_BASIS`] characters.
    pub legal_basis: String,
    /// Since when it is true. Not in the future; often before it became known.
    pub effective_time: Timestamp,
}

impl Measure {
    /// The most characters of an explanation.
    pub const LONGEST_EXPLANATION: usize = 500;
    /// The most characters of a legal basis.
    pub const LONGEST_BASIS: usize = 200;

    /// Whether it tells what it must.
    pub(super) fn is_founded(&self) -> bool {
        is_founded(&self.explanation, &self.legal_basis)
    }
}

/// Whether a decision tells what happened and what it rests on.
pub(super) fn is_founded(explanation: &str, legal_basis: &str) -> bool {
    let told = |text: &str, longest| !text.trim().is_empty() && text.chars().count() <= longest;
    told(explanation, Measure::LONGEST_EXPLANATION) && told(legal_basis, Measure::LONGEST_BASIS)
}

/// What keeps a certificate from counting, and what sources say of it meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Who decided so.
    pub by: Authority,
    /// The state the certificate would be in without the hold.
    pub beneath: super::CertificateState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values_and_a_regulator_weighs_more() {
        for authority in Authority::ALL {
            assert_eq!(Authority::from_code(authority.code()), Some(authority));
        }
        assert!(Authority::Regulator > Authority::Issuer);
    }
}
