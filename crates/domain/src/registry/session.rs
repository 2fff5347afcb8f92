use super::decision::{Decision, Outcome};
use super::question::Sale;
use crate::kernel::{LiveSessionId, OrganizationId, StreamerId, Timestamp, Version};
use std::collections::BTreeSet;
use std::time::Duration;
use thiserror::Error;

/// Whether a live session runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionState {
    /// It does, while the lease does.
    Open,
    /// The platform closed it.
    Closed,
    /// The lease ran out.
    Expired,
    /// No marketer was admitted, or none is left.
    Ended,
}

impl SessionState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Closed, Self::Expired, Self::Ended];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Expired => "EXPIRED",
            Self::Ended => "ENDED",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// Whether a marketer 直播营销人员 may be on air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RosterState {
    /// May, while the lease runs.
    Admitted,
    /// Was refused when the session was opened.
    Refused,
    /// Was admitted and no longer is. Stays out until a new session is opened.
    Cut,
}

impl RosterState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Admitted, Self::Refused, Self::Cut];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Admitted => "ADMITTED",
            Self::Refused => "REFUSED",
            Self::Cut => "CUT",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// One marketer of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    /// Who.
    pub streamer: StreamerId,
    /// Whether this marketer may be on air.
    pub state: RosterState,
    /// Until when the decision that the state rests on is valid.
    pub valid_until: Timestamp,
    /// Since when the state holds.
    pub since: Timestamp,
}

/// One live sale with its marketers, held by a lease: the stream may be on air before [`LiveSession::lease_until`], not
/// at it or after. A platform that cannot reach the suite therefore goes off air by itself.
///
/// The lease ends early where a decision it rests on does, for the time being: until [`LiveSession::lease_cap`] the
/// suite decides again by itself ([`LiveSession::review`]), so that one marketer's evidence running out, or another
/// policy beginning, takes nobody else off the air. The session expires at the cap.
///
/// Source: Order 117: the marketers of a session are submitted to the platform before each stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Its id.
    pub id: LiveSessionId,
    /// On which platform.
    pub platform: OrganizationId,
    /// The live room's id there.
    pub room: String,
    /// What is on sale, where and how.
    pub sale: Sale,
    /// The marketers, in the order of submission.
    pub roster: Vec<RosterEntry>,
    /// Whether it runs.
    pub state: SessionState,
    /// Since when the state holds.
    pub state_since: Timestamp,
    /// Grows with every change of what is allowed: of two messages about a session, the one with the higher fence holds.
    pub fence: i64,
    /// How long a lease lasts at most.
    pub lease: Duration,
    /// The end of the present lease.
    pub lease_until: Timestamp,
    /// How far the lease may be extended without the platform: a whole lease after it last asked.
    pub lease_cap: Timestamp,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

/// Why a session is not opened or does not change as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SessionRefusal {
    /// A session needs somebody to sell.
    #[error("the roster is empty")]
    RosterEmpty,
    /// A marketer stands on the roster once.
    #[error("`{streamer}` is on the roster more than once")]
    RosterRepeats {
        /// Who.
        streamer: StreamerId,
    },
    /// A lease of no length would never allow anything.
    #[error("a lease lasts longer than nothing")]
    LeaseEmpty,
    /// The session no longer runs.
    #[error("the session is no longer open (`{}`)", state.code())]
    NotOpen {
        /// Its state.
        state: SessionState,
    },
    /// The lease ran out before it was renewed, and can no longer be extended.
    #[error("the lease ran out at `{lease_cap}`")]
    LeaseRanOut {
        /// When.
        lease_cap: Timestamp,
    },
    /// The lease still runs, or can be extended.
    #[error("the lease can run until `{lease_cap}`")]
    LeaseRuns {
        /// Until when.
        lease_cap: Timestamp,
    },
    /// The caller acts on an older state of the session.
    #[error("the session has changed: its fence is `{current}`, not `{given}`")]
    FenceOutdated {
        /// The fence the caller knows.
        given: i64,
        /// The fence there is.
        current: i64,
    },
    /// A renewal decides about everybody who is on air.
    #[error("there is no decision about `{streamer}`")]
    DecisionMissing {
        /// Who.
        streamer: StreamerId,
    },
    /// Only somebody on air can be cut.
    #[error("`{streamer}` is not admitted to the session")]
    NotAdmitted {
        /// Who.
        streamer: StreamerId,
    },
}

impl LiveSession {
    /// Opens a session with the marketers that are allowed at `now`; if nobody is, the session is
    /// [`SessionState::Ended`] from the start, with a lease of no length.
    ///
    /// The lease ends after `lease`, or when the first decision about an admitted marketer does.
    pub fn open(
        id: LiveSessionId,
        platform: OrganizationId,
        room: String,
        sale: Sale,
        decisions: &[(StreamerId, Decision)],
        lease: Duration,
        now: Timestamp,
    ) -> Result<Self, SessionRefusal> {
        if decisions.is_empty() {
            return Err(SessionRefusal::RosterEmpty);
        }
        if lease.is_zero() {
            return Err(SessionRefusal::LeaseEmpty);
        }
        let mut seen = BTreeSet::new();
        if let Some((streamer, _)) = decisions.iter().find(|(streamer, _)| !seen.insert(streamer)) {
            return Err(SessionRefusal::RosterRepeats { streamer: streamer.clone() });
        }
        let entry = |(streamer, decision): &(StreamerId, Decision)| RosterEntry {
            streamer: streamer.clone(),
            state: if allows(decision, now) { RosterState::Admitted } else { RosterState::Refused },
            valid_until: decision.valid_until,
            since: now,
        };
        let session = Self {
            id,
            platform,
            room,
            sale,
            roster: decisions.iter().map(entry).collect(),
            state: SessionState::Open,
            state_since: now,
            fence: 1,
            lease,
            lease_until: now,
            lease_cap: now.plus(lease),
            opened_at: now,
            version: Version::FIRST,
        };
        Ok(session.leased(now))
    }

    /// The platform asks for another lease: decides again about everybody on air.
    ///
    /// Who is no longer allowed is cut. Who was refused or cut before is not looked at: that takes a new session. A
    /// session never comes back once its cap is reached.
    pub fn renew(
        self,
        decisions: &[(StreamerId, Decision)],
        fence: i64,
        now: Timestamp,
    ) -> Result<Self, SessionRefusal> {
        self.ensure_open()?;
        if fence != self.fence {
            return Err(SessionRefusal::FenceOutdated { given: fence, current: self.fence });
        }
        let renewed = self.decided(decisions, now)?;
        Ok(Self { lease_cap: now.plus(renewed.lease), ..renewed }.leased(now))
    }

    /// Decides again about everybody on air, without the platform: cuts who is no longer allowed and extends the lease
    /// for the others, as far as their decisions reach and never beyond [`LiveSession::lease_cap`].
    pub fn review(
        self,
        decisions: &[(StreamerId, Decision)],
        now: Timestamp,
    ) -> Result<Self, SessionRefusal> {
        self.ensure_open()?;
        Ok(self.decided(decisions, now)?.leased(now))
    }

    /// With everybody on air kept or cut as decided.
    fn decided(self, decisions: &[(StreamerId, Decision)], now: Timestamp) -> Result<Self, SessionRefusal> {
        let lease_cap = self.lease_cap;
        if now >= lease_cap {
            return Err(SessionRefusal::LeaseRanOut { lease_cap });
        }
        let decided = |entry: &RosterEntry| {
            if entry.state != RosterState::Admitted {
                return Ok(entry.clone());
            }
            let decision = decisions.iter().find(|(streamer, _)| *streamer == entry.streamer);
            let Some((_, decision)) = decision else {
                return Err(SessionRefusal::DecisionMissing { streamer: entry.streamer.clone() });
            };
            let entry = RosterEntry { valid_until: decision.valid_until, ..entry.clone() };
            Ok(if allows(decision, now) { entry } else { cut(entry, now) })
        };
        let roster = self.roster.iter().map(decided).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { roster, ..self }.changed())
    }

    /// Takes a marketer off the air at once. If nobody is left the session ends. The lease is not extended.
    pub fn cut(self, streamer: &StreamerId, now: Timestamp) -> Result<Self, SessionRefusal> {
        self.ensure_open()?;
        if !self.admitted().any(|admitted| admitted == streamer) {
            return Err(SessionRefusal::NotAdmitted { streamer: streamer.clone() });
        }
        let fate = |entry: &RosterEntry| {
            if entry.streamer == *streamer { cut(entry.clone(), now) } else { entry.clone() }
        };
        let roster = self.roster.iter().map(fate).collect();
        Ok(Self { roster, ..self }.changed().ended_if_nobody_is_left(now))
    }

    /// The platform ends the stream.
    pub fn close(self, now: Timestamp) -> Result<Self, SessionRefusal> {
        self.ensure_open()?;
        Ok(Self {
            lease_until: self.lease_until.min(now),
            ..self.changed().entering(SessionState::Closed, now)
        })
    }

    /// Notes that the lease ran out for good; it did so at [`LiveSession::lease_cap`], however late this is noted.
    pub fn expire(self, now: Timestamp) -> Result<Self, SessionRefusal> {
        self.ensure_open()?;
        let lease_cap = self.lease_cap;
        if now < lease_cap {
            return Err(SessionRefusal::LeaseRuns { lease_cap });
        }
        Ok(self.changed().entering(SessionState::Expired, lease_cap))
    }

    /// Who may be on air, while the lease runs.
    pub fn admitted(&self) -> impl Iterator<Item = &StreamerId> {
        self.roster.iter().filter(|entry| entry.state == RosterState::Admitted).map(|entry| &entry.streamer)
    }

    const fn ensure_open(&self) -> Result<(), SessionRefusal> {
        match self.state {
            SessionState::Open => Ok(()),
            state => Err(SessionRefusal::NotOpen { state }),
        }
    }

    fn changed(self) -> Self {
        Self { fence: self.fence.saturating_add(1), ..self }
    }

    fn entering(self, state: SessionState, at: Timestamp) -> Self {
        Self { state, state_since: at, ..self }
    }

    /// A lease up to the cap, and no longer than any decision it rests on.
    fn leased(self, now: Timestamp) -> Self {
        let admitted = self.roster.iter().filter(|entry| entry.state == RosterState::Admitted);
        let lease_until = admitted.map(|entry| entry.valid_until).fold(self.lease_cap, Timestamp::min);
        Self { lease_until, ..self }.ended_if_nobody_is_left(now)
    }

    fn ended_if_nobody_is_left(self, now: Timestamp) -> Self {
        if self.admitted().next().is_some() {
            return self;
        }
        Self { lease_until: self.lease_until.min(now), ..self.entering(SessionState::Ended, now) }
    }
}

/// An allowance that has run out allows nothing.
fn allows(decision: &Decision, now: Timestamp) -> bool {
    decision.outcome == Outcome::Allow && now < decision.valid_until
}

fn cut(entry: RosterEntry, now: Timestamp) -> RosterEntry {
    RosterEntry { state: RosterState::Cut, since: now, ..entry }
}

#[cfg(test)]
mod tests;
