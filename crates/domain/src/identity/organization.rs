use super::NO_TOKEN;
use super::issuing::{furthest, second_after};
use crate::kernel::{OrganizationId, Timestamp, Version};

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
}

/// A legal person that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id, chosen at creation.
    pub id: OrganizationId,
    /// The name people know it by.
    pub display_name: String,
    /// What it may act as; at least one, each once.
    pub roles: Vec<OrganizationRole>,
    /// Whether it takes part at present.
    pub state: OrganizationState,
    /// Why it is suspended; empty while it is active.
    pub suspension_reason: String,
    /// Tokens issued to its clients up to this instant are refused; none unless some were. [`NO_TOKEN`] while it is
    /// suspended.
    pub tokens_valid_from: Option<Timestamp>,
    /// When it was created.
    pub create_time: Timestamp,
    /// When it last changed.
    pub update_time: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

impl Organization {
    /// Stops the organisation from taking part, and every token of its clients, whenever issued: one may be on its way
    /// while the suspension waits for its turn. One that is suspended stays exactly as it is.
    #[must_use]
    pub fn suspend(self, reason: &str, now: Timestamp) -> Self {
        match self.state {
            OrganizationState::Suspended => self,
            OrganizationState::Active => Self {
                state: OrganizationState::Suspended,
                suspension_reason: reason.to_owned(),
                tokens_valid_from: Some(NO_TOKEN),
                update_time: now,
                ..self
            },
        }
    }

    /// Lets it take part again, with new tokens. One that is active stays exactly as it is.
    ///
    /// Tokens from before may state the second after that of their issue; new ones state a later one.
    #[must_use]
    pub fn reinstate(self, now: Timestamp) -> Self {
        match self.state {
            OrganizationState::Active => self,
            OrganizationState::Suspended => Self {
                state: OrganizationState::Active,
                suspension_reason: String::new(),
                tokens_valid_from: Some(second_after(now)),
                update_time: now,
                ..self
            },
        }
    }

    /// Gives it a name and roles. A role that is taken away refuses the tokens issued so far: they carry it. Those under way,
    /// too: see [`furthest`].
    #[must_use]
    pub fn update(self, display_name: String, roles: Vec<OrganizationRole>, now: Timestamp) -> Self {
        if display_name == self.display_name && roles == self.roles {
            return self;
        }
        let loses = self.roles.iter().any(|role| !roles.contains(role));
        // Whatever second they state: that follows from revocations of each client, which are not known here.
        let tokens_valid_from =
            if loses { self.tokens_valid_from.max(Some(furthest(now))) } else { self.tokens_valid_from };
        Self { display_name, roles, tokens_valid_from, update_time: now, ..self }
    }

    /// Whether its clients may operate the suite.
    pub fn operates(&self) -> bool {
        self.state == OrganizationState::Active && self.roles.contains(&OrganizationRole::SuiteOperator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn organization() -> Organization {
        Organization {
            id: OrganizationId::try_new("shop").unwrap(),
            display_name: "Shop".to_owned(),
            roles: vec![OrganizationRole::Platform, OrganizationRole::Issuer],
            state: OrganizationState::Active,
            suspension_reason: String::new(),
            tokens_valid_from: None,
            create_time: at(1),
            update_time: at(1),
            version: Version::FIRST,
        }
    }

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
    fn a_suspended_organization_has_no_good_token_and_a_reinstated_one_only_new_ones() {
        let suspended = organization().suspend("unpaid", at(5));
        assert_eq!(suspended.tokens_valid_from, Some(NO_TOKEN));
        assert_eq!(suspended.clone().suspend("again", at(6)), suspended);
        let reinstated = suspended.reinstate(at(9));
        assert_eq!(
            (reinstated.tokens_valid_from, reinstated.suspension_reason.as_str()),
            (Some(at(1_000_000)), "")
        );
        assert_eq!(reinstated.clone().reinstate(at(10)), reinstated);
    }

    #[test]
    fn only_a_lost_role_refuses_the_tokens_so_far() {
        let named = organization().update("New".to_owned(), organization().roles, at(5));
        assert_eq!(named.tokens_valid_from, None);
        let fewer = named.update("New".to_owned(), vec![OrganizationRole::Platform], at(6));
        assert_eq!(fewer.tokens_valid_from, Some(at(4_000_000)));
        // A suspension is not lifted by taking a role away.
        let suspended = organization().suspend("unpaid", at(5));
        let fewer = suspended.update("New".to_owned(), vec![OrganizationRole::Platform], at(6));
        assert_eq!(fewer.tokens_valid_from, Some(NO_TOKEN));
    }
}
