use super::decision::{Decision, Outcome};
use super::question::{Permission, Sale};
use crate::kernel::{GrantId, OrganizationId, StreamerId, Timestamp, Version};
use thiserror::Error;

/// Whether a grant holds.
///
/// Nobody has a grant before the first yes: what is asked for and not given is an answer, and no state of anything. What a
/// blocklist names is suspended like whatever else is refused; the decision beside the state says by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantState {
    /// It does.
    Granted,
    /// Not for the time being.
    Suspended,
    /// The platform took it back. Final.
    Revoked,
    /// Its end has come. Final.
    Expired,
}

impl GrantState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Granted, Self::Suspended, Self::Revoked, Self::Expired];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Granted => "GRANTED",
            Self::Suspended => "SUSPENDED",
            Self::Revoked => "REVOKED",
            Self::Expired => "EXPIRED",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether nothing can change any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Revoked | Self::Expired)
    }
}

/// A permission 直播带货权限 that a platform has given a streamer.
///
/// It follows what it rests on: whoever decides about it again tells it so with [`Grant::decided`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// On which platform.
    pub platform: OrganizationId,
    /// To whom.
    pub streamer: StreamerId,
    /// What it permits.
    pub permission: Permission,
    /// What may be sold, where and how.
    pub sale: Sale,
    /// From when on it is expired; `None` for never.
    pub until: Option<Timestamp>,
    /// Whether it holds.
    pub state: GrantState,
    /// Since when.
    pub state_since: Timestamp,
    /// Grows with every change.
    pub version: Version,
}

/// Why a grant is not given or does not change as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GrantRefusal {
    /// Only a yes is recorded.
    #[error("the decision is `{}`", outcome.code())]
    NotAllowed {
        /// What it came to.
        outcome: Outcome,
    },
    /// A grant that is over before it begins grants nothing.
    #[error("the grant would end at `{until}`, which has passed")]
    OverAlready {
        /// When.
        until: Timestamp,
    },
    /// It is revoked or expired.
    #[error("the grant has ended (`{}`)", state.code())]
    Ended {
        /// Which of the two.
        state: GrantState,
    },
    /// Its end has not come.
    #[error("the grant does not end yet")]
    Runs,
}

impl Grant {
    /// Gives a permission on a decision made at `now`.
    pub fn give(
        id: GrantId,
        platform: OrganizationId,
        streamer: StreamerId,
        (permission, sale): (Permission, Sale),
        until: Option<Timestamp>,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<Self, GrantRefusal> {
        if !allows(decision, now) {
            return Err(GrantRefusal::NotAllowed { outcome: decision.outcome });
        }
        if let Some(until) = until.filter(|until| *until <= now) {
            return Err(GrantRefusal::OverAlready { until });
        }
        let (state, version) = (GrantState::Granted, Version::FIRST);
        Ok(Self { id, platform, streamer, permission, sale, until, state, state_since: now, version })
    }

    /// Follows a decision made at `now`: holds exactly if that is a yes. The same again changes nothing, not even the version.
    pub fn decided(self, decision: &Decision, now: Timestamp) -> Result<Self, GrantRefusal> {
        self.ensure_runs(now)?;
        let state = if allows(decision, now) { GrantState::Granted } else { GrantState::Suspended };
        Ok(if state == self.state { self } else { self.entering(state, now) })
    }

    /// The platform takes it back.
    pub fn revoke(self, now: Timestamp) -> Result<Self, GrantRefusal> {
        self.ensure_runs(now)?;
        Ok(self.entering(GrantState::Revoked, now))
    }

    /// Notes that its end has come; it came at [`Grant::until`], however late this is noted.
    pub fn expire(self, now: Timestamp) -> Result<Self, GrantRefusal> {
        if self.state.is_final() {
            return Err(GrantRefusal::Ended { state: self.state });
        }
        match self.until.filter(|until| *until <= now) {
            Some(until) => Ok(self.entering(GrantState::Expired, until)),
            None => Err(GrantRefusal::Runs),
        }
    }

    /// Whether its end has come by `now`, noted or not.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    fn ensure_runs(&self, now: Timestamp) -> Result<(), GrantRefusal> {
        if self.state.is_final() {
            return Err(GrantRefusal::Ended { state: self.state });
        }
        if self.is_over(now) {
            return Err(GrantRefusal::Ended { state: GrantState::Expired });
        }
        Ok(())
    }

    fn entering(self, state: GrantState, at: Timestamp) -> Self {
        Self { state, state_since: at, version: self.version.next(), ..self }
    }
}

/// A yes that has run out allows nothing.
fn allows(decision: &Decision, now: Timestamp) -> bool {
    decision.outcome == Outcome::Allow && now < decision.valid_until
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: i64 = 100;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn decision(outcome: Outcome) -> Decision {
        Decision {
            outcome,
            reasons: Vec::new(),
            decide_time: at(0),
            valid_until: at(1_000),
            ask_again_at: None,
            verified: None,
            policy_revision: Some(1),
            rules_edition: "2026-11".to_owned(),
        }
    }

    fn give(outcome: Outcome, until: Option<i64>) -> Result<Grant, GrantRefusal> {
        Grant::give(
            GrantId::try_new("g1").unwrap(),
            OrganizationId::try_new("shop").unwrap(),
            StreamerId::try_new("mina").unwrap(),
            (Permission::LiveSale, Sale::default()),
            until.map(at),
            &decision(outcome),
            at(0),
        )
    }

    /// A grant in each state, with an end.
    fn in_state(state: GrantState) -> Grant {
        let grant = give(Outcome::Allow, Some(END)).unwrap();
        match state {
            GrantState::Granted => grant,
            GrantState::Suspended => grant.decided(&decision(Outcome::Deny), at(1)).unwrap(),
            GrantState::Revoked => grant.revoke(at(1)).unwrap(),
            GrantState::Expired => grant.expire(at(END)).unwrap(),
        }
    }

    #[test]
    fn only_a_yes_is_recorded_and_only_with_an_end_to_come() {
        for outcome in Outcome::ALL.into_iter().filter(|outcome| *outcome != Outcome::Allow) {
            assert_eq!(give(outcome, None), Err(GrantRefusal::NotAllowed { outcome }));
        }
        assert_eq!(give(Outcome::Allow, Some(0)), Err(GrantRefusal::OverAlready { until: at(0) }));
        assert_eq!(give(Outcome::Allow, Some(1)).unwrap().state, GrantState::Granted);
        let late = Decision { valid_until: at(0), ..decision(Outcome::Allow) };
        let grant = give(Outcome::Allow, None).unwrap();
        assert_eq!(grant.decided(&late, at(2)).unwrap().state, GrantState::Suspended);
    }

    #[test]
    fn every_state_meets_every_event() {
        type Event = fn(Grant) -> Result<Grant, GrantRefusal>;
        use GrantState::{Expired, Granted, Revoked, Suspended};
        let ended = |state| Err(GrantRefusal::Ended { state });
        let events: [(Event, [Result<GrantState, GrantRefusal>; 4]); 8] = [
            (
                |grant| grant.decided(&decision(Outcome::Allow), at(2)),
                [Ok(Granted), Ok(Granted), ended(Revoked), ended(Expired)],
            ),
            (
                |grant| grant.decided(&decision(Outcome::Deny), at(2)),
                [Ok(Suspended), Ok(Suspended), ended(Revoked), ended(Expired)],
            ),
            (
                |grant| grant.decided(&decision(Outcome::NotYet), at(2)),
                [Ok(Suspended), Ok(Suspended), ended(Revoked), ended(Expired)],
            ),
            (
                |grant| grant.decided(&decision(Outcome::Undetermined), at(2)),
                [Ok(Suspended), Ok(Suspended), ended(Revoked), ended(Expired)],
            ),
            (|grant| grant.revoke(at(2)), [Ok(Revoked), Ok(Revoked), ended(Revoked), ended(Expired)]),
            (
                |grant| grant.expire(at(2)),
                [Err(GrantRefusal::Runs), Err(GrantRefusal::Runs), ended(Revoked), ended(Expired)],
            ),
            (|grant| grant.expire(at(END)), [Ok(Expired), Ok(Expired), ended(Revoked), ended(Expired)]),
            (
                |grant| grant.decided(&decision(Outcome::Allow), at(END)),
                [ended(Expired), ended(Expired), ended(Revoked), ended(Expired)],
            ),
        ];
        for (event, expected) in events {
            for (before, expected) in GrantState::ALL.into_iter().zip(expected) {
                let grant = in_state(before);
                let after = event(grant.clone());
                assert_eq!(after.as_ref().map(|after| after.state).map_err(Clone::clone), expected);
                let Ok(after) = after else { continue };
                let changed = after.state != before;
                assert_eq!(after.version == grant.version.next(), changed);
                assert_eq!(after.state_since != grant.state_since, changed);
            }
        }
    }

    #[test]
    fn an_end_came_when_it_came_however_late_it_is_noted() {
        let late = give(Outcome::Allow, Some(END)).unwrap().expire(at(2 * END)).unwrap();
        assert_eq!(late.state_since, at(END));
        let refused = give(Outcome::Allow, Some(END)).unwrap().revoke(at(END));
        assert_eq!(refused, Err(GrantRefusal::Ended { state: GrantState::Expired }));
    }

    #[test]
    fn codes_lead_back_to_their_states() {
        for state in GrantState::ALL {
            assert_eq!(GrantState::from_code(state.code()), Some(state));
        }
    }
}
