/// How far an application 申报 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplicationState {
    /// Being written by whoever applies.
    Draft,
    /// Handed in; the issuer looks at the conditions.
    Submitted,
    /// The issuer admits the candidate to the assessment.
    Accepted,
    /// The issuer does not. Final.
    Refused,
    /// At least one part of the assessment is on record.
    Assessing,
    /// Every part was passed.
    Passed,
    /// Some part was not. A retake may lead back to [`Assessing`](Self::Assessing).
    Failed,
    /// The certificate is issued. Final.
    Certified,
    /// Taken back before it was concluded. Final.
    Withdrawn,
}

impl ApplicationState {
    /// Every state.
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::Submitted,
        Self::Accepted,
        Self::Refused,
        Self::Assessing,
        Self::Passed,
        Self::Failed,
        Self::Certified,
        Self::Withdrawn,
    ];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Submitted => "SUBMITTED",
            Self::Accepted => "ACCEPTED",
            Self::Refused => "REFUSED",
            Self::Assessing => "ASSESSING",
            Self::Passed => "PASSED",
            Self::Failed => "FAILED",
            Self::Certified => "CERTIFIED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// What an issuer answers to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewVerdict {
    /// The candidate may be assessed.
    Accept,
    /// The candidate may not.
    Refuse,
}

impl ReviewVerdict {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Accept, Self::Refuse];

    /// The stable code, used in messages.
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
        for state in ApplicationState::ALL {
            assert_eq!(ApplicationState::from_code(state.code()), Some(state));
        }
        for verdict in ReviewVerdict::ALL {
            assert_eq!(ReviewVerdict::from_code(verdict.code()), Some(verdict));
        }
    }
}
