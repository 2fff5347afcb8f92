//! A time in which an administrator acts without the level that the platform demands.

use super::notice::{ActingParty, Ending};
use crate::kernel::{OrganizationId, OverrideId, Timestamp, Version};
use std::time::Duration;
use thiserror::Error;

/// The longest an override lasts.
pub const LONGEST_OVERRIDE: Duration = Duration::from_hours(24);

/// The shortest an override lasts.
pub const SHORTEST_OVERRIDE: Duration = Duration::from_mins(1);

/// An override, with everything done under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// Its id.
    pub id: OverrideId,
    /// On which platform.
    pub platform: OrganizationId,
    /// Why.
    pub reason: String,
    /// Who declared it: nobody else acts under it.
    pub declared_by: ActingParty,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// How it stands. One that expired may still be noted as active: see [`holds`](Self::holds).
    pub state: OverrideState,
    /// What was done under it.
    pub acts: Vec<OverriddenAct>,
    /// How it was ended before its time.
    pub ending: Option<Ending>,
    /// When it was declared.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

/// Something done under an override.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverriddenAct {
    /// The method, as gRPC spells it.
    pub method: String,
    /// The name of what was changed.
    pub resource: String,
    /// When.
    pub at: Timestamp,
}

/// How an override stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OverrideState {
    /// Its declarer may act under it.
    Active,
    /// Its time is over.
    Expired,
    /// It was ended before its time.
    Ended,
}

impl OverrideState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Active, Self::Expired, Self::Ended];

    /// The stable code, used in storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Expired => "EXPIRED",
            Self::Ended => "ENDED",
        }
    }
}

/// An override does not change so from the state it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the override is `{}`", .0.code())]
pub struct OverrideRefusal(pub OverrideState);

impl Override {
    /// How it stands at an instant, whether or not its end was noted.
    pub fn state_at(&self, now: Timestamp) -> OverrideState {
        match self.state {
            OverrideState::Active if self.expires_at <= now => OverrideState::Expired,
            state => state,
        }
    }

    /// Whether somebody may act under it.
    pub fn holds(&self, party: &ActingParty, now: Timestamp) -> bool {
        let declarer = self.declared_by.person.is_some() && self.declared_by.person == party.person;
        declarer && self.state_at(now) == OverrideState::Active
    }

    /// Ends it before its time.
    pub fn end(self, ending: Ending, now: Timestamp) -> Result<Self, OverrideRefusal> {
        let active = self.active(now)?;
        Ok(Self { state: OverrideState::Ended, ending: Some(ending), updated_at: now, ..active })
    }

    /// Notes that its time is over.
    pub fn expire(self, now: Timestamp) -> Result<Self, OverrideRefusal> {
        match (self.state, self.state_at(now)) {
            (OverrideState::Active, OverrideState::Expired) => {
                Ok(Self { state: OverrideState::Expired, updated_at: now, ..self })
            }
            (state, _) => Err(OverrideRefusal(state)),
        }
    }

    /// Notes what is done under it.
    pub fn note(self, act: OverriddenAct, now: Timestamp) -> Result<Self, OverrideRefusal> {
        let mut active = self.active(now)?;
        active.acts.push(act);
        Ok(Self { updated_at: now, ..active })
    }

    fn active(self, now: Timestamp) -> Result<Self, OverrideRefusal> {
        match self.state_at(now) {
            OverrideState::Active => Ok(self),
            state => Err(OverrideRefusal(state)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{ClientId, Id, PersonId};

    fn party(client: &str, person: Option<&str>) -> ActingParty {
        let person = person.map(|person| PersonId::try_new(person).unwrap());
        ActingParty { client: ClientId::try_new(client).unwrap(), person }
    }

    fn declared() -> Override {
        Override {
            id: Id::try_new("o1").unwrap(),
            platform: Id::try_new("shop").unwrap(),
            reason: "nobody else is awake".to_owned(),
            declared_by: party("desk", Some("ann")),
            expires_at: Timestamp::from_micros(10),
            state: OverrideState::Active,
            acts: Vec::new(),
            ending: None,
            created_at: Timestamp::from_micros(1),
            updated_at: Timestamp::from_micros(1),
            version: Version::FIRST,
        }
    }

    #[test]
    fn every_event_in_every_state_leads_where_it_should() {
        let at = Timestamp::from_micros;
        let act = || OverriddenAct { method: "m".to_owned(), resource: "r".to_owned(), at: at(5) };
        let ending = || Ending { at: at(5), reason: "done".to_owned(), by: party("desk", None) };
        for state in OverrideState::ALL {
            for (now, over) in [(at(9), false), (at(10), true)] {
                let one = || Override { state, ..declared() };
                let active = state == OverrideState::Active && !over;
                assert_eq!(one().end(ending(), now).is_ok(), active);
                assert_eq!(one().note(act(), now).is_ok(), active);
                assert_eq!(one().expire(now).is_ok(), state == OverrideState::Active && over);
            }
        }
    }

    #[test]
    fn only_the_person_who_declared_it_acts_under_it() {
        let now = Timestamp::from_micros(9);
        assert!(declared().holds(&party("laptop", Some("ann")), now));
        assert!(!declared().holds(&party("desk", Some("bob")), now));
        assert!(!declared().holds(&party("desk", None), now));
        assert!(!declared().holds(&party("desk", Some("ann")), Timestamp::from_micros(10)));
    }
}
