/// How a qualification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QualificationState {
    /// Filed; nobody has reviewed it.
    Filed,
    /// Reviewed and found good. The only state in which it counts.
    Accepted,
    /// Reviewed and found wanting. Final.
    Refused,
    /// It was accepted and has to be checked again.
    RecheckDue,
    /// The licence has ended. Final.
    Lapsed,
    /// Withdrawn by whoever filed it. Final.
    Withdrawn,
}

impl QualificationState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Filed, Self::Accepted, Self::Refused, Self::RecheckDue, Self::Lapsed, Self::Withdrawn];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Filed => "FILED",
            Self::Accepted => "ACCEPTED",
            Self::Refused => "REFUSED",
            Self::RecheckDue => "RECHECK_DUE",
            Self::Lapsed => "LAPSED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether nothing changes it any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Refused | Self::Lapsed | Self::Withdrawn)
    }
}

/// What a review came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QualificationVerdict {
    /// The register knows the licence for this person, and it is in force.
    Accept,
    /// It does not.
    Refuse,
}

impl QualificationVerdict {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Accept, Self::Refuse];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Refuse => "REFUSE",
        }
    }

    /// The verdict with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for state in QualificationState::ALL {
            assert_eq!(QualificationState::from_code(state.code()), Some(state));
        }
        for verdict in QualificationVerdict::ALL {
            assert_eq!(QualificationVerdict::from_code(verdict.code()), Some(verdict));
        }
    }
}
