//! Who a streamer works with: room operators 直播间运营者 and agencies 直播营销人员服务机构 (MCN).

use super::operator::EngagementFact;
use super::room_operator::Enterprise;
use crate::kernel::{EngagementId, OrganizationId, RoomOperatorId, StreamerId, Timestamp, Version};
use thiserror::Error;

/// An engagement of a streamer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engagement {
    /// Its id.
    pub id: EngagementId,
    /// On which platform.
    pub platform: OrganizationId,
    /// The streamer.
    pub streamer: StreamerId,
    /// With whom.
    pub party: Party,
    /// What the streamer does there, in the platform's own words.
    pub role: String,
    /// The platform's reference to the contract.
    pub contract: String,
    /// The filing 备案 of an agency with its authority.
    pub filing: String,
    /// From when on.
    pub from: Timestamp,
    /// Until when; none for as long as nobody ends it.
    pub until: Option<Timestamp>,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When the record last changed.
    pub updated_at: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

/// With whom a streamer is engaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// A room operator of the platform.
    Operator(RoomOperatorId),
    /// An agency.
    Agency(Agency),
}

/// An agency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agency {
    /// An organization of the suite, as the platform states it.
    Organization(OrganizationId),
    /// One that is known by its entry in the national register.
    Enterprise(Enterprise),
}

impl Agency {
    /// The resource name or the unified social credit code.
    pub fn key(&self) -> String {
        match self {
            Self::Organization(organization) => organization.name(),
            Self::Enterprise(enterprise) => enterprise.code.to_string(),
        }
    }
}

/// How an engagement stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EngagementState {
    /// It has not begun.
    Planned,
    /// It holds.
    Current,
    /// It is over.
    Ended,
}

/// Why an engagement does not end as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum EngagementRefusal {
    /// It is over.
    #[error("the engagement is over")]
    Ended,
    /// It would end before it began.
    #[error("must not lie before the beginning")]
    BeforeBeginning,
    /// It would end later than agreed.
    #[error("must not lie behind the end that is recorded: a longer engagement is another one")]
    Later,
}

impl Engagement {
    /// How it stands.
    pub fn state(&self, now: Timestamp) -> EngagementState {
        match self.until {
            Some(until) if until <= now => EngagementState::Ended,
            _ if now < self.from => EngagementState::Planned,
            _ => EngagementState::Current,
        }
    }

    /// Whether the two cannot stand side by side: the same operator twice at one time, or two agencies.
    pub fn collides(&self, other: &Self) -> bool {
        let alike = match (&self.party, &other.party) {
            (Party::Operator(one), Party::Operator(another)) => one == another,
            // The account page shows one agency.
            (Party::Agency(_), Party::Agency(_)) => true,
            (Party::Operator(_), Party::Agency(_)) | (Party::Agency(_), Party::Operator(_)) => false,
        };
        let from = self.from.max(other.from);
        let until = self.until.into_iter().chain(other.until).min();
        alike && self.streamer == other.streamer && until.is_none_or(|until| from < until)
    }

    /// The same engagement, over at an instant: now unless another is given. What has not begun never does.
    pub fn end(self, at: Option<Timestamp>, now: Timestamp) -> Result<Self, EngagementRefusal> {
        if self.state(now) == EngagementState::Ended {
            return Err(EngagementRefusal::Ended);
        }
        let until = at.unwrap_or_else(|| now.max(self.from));
        if until < self.from {
            return Err(EngagementRefusal::BeforeBeginning);
        }
        if self.until.is_some_and(|agreed| agreed < until) {
            return Err(EngagementRefusal::Later);
        }
        Ok(Self { until: Some(until), updated_at: now, version: self.version.next(), ..self })
    }

    /// What decisions rest on; none where it is with an agency.
    pub fn fact(&self) -> Option<EngagementFact> {
        match &self.party {
            Party::Agency(_) => None,
            Party::Operator(operator) => Some(EngagementFact {
                engagement: self.id.clone(),
                operator: operator.clone(),
                from: self.from,
                until: self.until,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn engagement(party: Party, from: i64, until: Option<i64>) -> Engagement {
        let at = Timestamp::from_micros;
        Engagement {
            id: EngagementId::try_new("e").unwrap(),
            platform: OrganizationId::try_new("shop").unwrap(),
            streamer: StreamerId::try_new("mina").unwrap(),
            party,
            role: String::new(),
            contract: String::new(),
            filing: String::new(),
            from: at(from),
            until: until.map(at),
            created_at: at(0),
            updated_at: at(0),
            version: Version::FIRST,
        }
    }

    fn operator(name: &str) -> Party {
        Party::Operator(RoomOperatorId::try_new(name).unwrap())
    }

    fn agency(name: &str) -> Party {
        Party::Agency(Agency::Organization(OrganizationId::try_new(name).unwrap()))
    }

    #[test]
    fn one_operator_is_worked_with_once_at_a_time_and_several_side_by_side() {
        let studio = engagement(operator("studio"), 10, Some(20));
        assert!(studio.collides(&engagement(operator("studio"), 19, None)));
        assert!(!studio.collides(&engagement(operator("studio"), 20, None)));
        assert!(!studio.collides(&engagement(operator("stage"), 10, Some(20))));
        assert!(!studio.collides(&engagement(agency("mcn"), 10, Some(20))));
    }

    #[test]
    fn an_account_has_one_agency_at_a_time() {
        let mcn = engagement(agency("mcn"), 10, None);
        assert!(mcn.collides(&engagement(agency("other"), 5, Some(11))));
        assert!(!mcn.collides(&engagement(agency("other"), 5, Some(10))));
    }

    #[test]
    fn an_end_lies_between_the_beginning_and_the_end_agreed() {
        let at = Timestamp::from_micros;
        let planned = engagement(operator("studio"), 10, Some(20));
        assert_eq!(planned.clone().end(Some(at(9)), at(5)), Err(EngagementRefusal::BeforeBeginning));
        assert_eq!(planned.clone().end(Some(at(21)), at(5)), Err(EngagementRefusal::Later));
        let never = planned.clone().end(None, at(5)).unwrap();
        assert_eq!((never.until, never.state(at(10))), (Some(at(10)), EngagementState::Ended));
        let now = planned.clone().end(None, at(15)).unwrap();
        assert_eq!((now.until, now.state(at(14)), now.state(at(15))), {
            (Some(at(15)), EngagementState::Current, EngagementState::Ended)
        });
        assert_eq!(planned.end(None, at(20)), Err(EngagementRefusal::Ended));
    }

    proptest! {
        #[test]
        fn two_engagements_collide_exactly_if_some_instant_has_both(
            one in (0i64..20, prop::option::of(0i64..20)), other in (0i64..20, prop::option::of(0i64..20)),
        ) {
            let [one, other] = [one, other].map(|(from, lasts)| {
                engagement(operator("studio"), from, lasts.map(|lasts| from + lasts))
            });
            let both = (0..50).map(Timestamp::from_micros).any(|now| {
                [&one, &other].iter().all(|it| it.state(now) == EngagementState::Current)
            });
            prop_assert_eq!(one.collides(&other), both);
            prop_assert_eq!(other.collides(&one), both);
        }
    }
}
