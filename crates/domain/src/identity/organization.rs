use thiserror::Error;

/// What an organisation may act as. One organisation may hold several roles: a platform can be an issuer too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrganizationRole {
    /// 直播电商平台经营者: a live-commerce platform, which asks for decisions.
    Platform,
    /// 评价机构: an evaluation organisation, which issues certificates.
    Issuer,
    /// 直播间运营者: operates live rooms on a platform.
    RoomOperator,
    /// 直播营销人员服务机构 (MCN): represents streamers.
    Agency,
    /// 监管部门: supervises; reads across tenants, strikes issuers off.
    Regulator,
    /// Operates this suite: organisations, clients, keys.
    SuiteOperator,
}

impl OrganizationRole {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Platform,
        Self::Issuer,
        Self::RoomOperator,
        Self::Agency,
        Self::Regulator,
        Self::SuiteOperator,
    ];

    /// The stable code, used in storage, tokens and events.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Platform => "PLATFORM",
            Self::Issuer => "ISSUER",
            Self::RoomOperator => "ROOM_OPERATOR",
            Self::Agency => "AGENCY",
            Self::Regulator => "REGULATOR",
            Self::SuiteOperator => "SUITE_OPERATOR",
        }
    }

    /// The role with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// Whether an organisation takes part at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OrganizationState {
    /// Its clients may obtain tokens.
    Active,
    /// Its clients obtain no tokens, and the tokens they hold are refused.
    Suspended,
}

/// Why an organisation does not change as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OrganizationRefusal {
    /// Only an active organisation can be suspended.
    #[error("the organization is suspended already")]
    AlreadySuspended,
    /// Only a suspended organisation can be reinstated.
    #[error("the organization is not suspended")]
    NotSuspended,
}

impl OrganizationState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Active, Self::Suspended];

    /// The stable code, used in storage and events.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Stops the organisation from taking part.
    pub const fn suspend(self) -> Result<Self, OrganizationRefusal> {
        match self {
            Self::Active => Ok(Self::Suspended),
            Self::Suspended => Err(OrganizationRefusal::AlreadySuspended),
        }
    }

    /// Lets a suspended organisation take part again.
    pub const fn reinstate(self) -> Result<Self, OrganizationRefusal> {
        match self {
            Self::Suspended => Ok(Self::Active),
            Self::Active => Err(OrganizationRefusal::NotSuspended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for role in OrganizationRole::ALL {
            assert_eq!(OrganizationRole::from_code(role.code()), Some(role));
        }
        for state in OrganizationState::ALL {
            assert_eq!(OrganizationState::from_code(state.code()), Some(state));
        }
    }

    #[test]
    fn an_organization_is_suspended_once_and_reinstated_once() {
        let suspended = OrganizationState::Active.suspend().unwrap();
        assert_eq!(suspended.suspend(), Err(OrganizationRefusal::AlreadySuspended));
        assert_eq!(suspended.reinstate(), Ok(OrganizationState::Active));
        assert_eq!(OrganizationState::Active.reinstate(), Err(OrganizationRefusal::NotSuspended));
    }
}
