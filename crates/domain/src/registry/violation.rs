//! Violations, and the ledger of points they cost.

use super::conduct::EndorsementPenalty;
use super::notice::ActingParty;
use crate::certification::{Phrase, Sourced};
use crate::kernel::{
    Date, OrganizationId, PersonId, StreamerId, Timestamp, Version, ViolationId, ViolationKindId,
};
use thiserror::Error;

/// A kind of violation, as the catalogue has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViolationKind {
    /// Its id.
    pub id: ViolationKindId,
    /// What it is called.
    pub title: Phrase,
    /// The article or ethics principle it offends.
    pub basis: Sourced<Phrase>,
    /// The fewest and the most points one costs.
    pub points: Sourced<(i32, i32)>,
    /// Whether a penalty for it bars from endorsing goods for three years.
    pub bars_endorsement: bool,
}

/// A breach of the law or of the platform's rules by one of its streamers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its id.
    pub id: ViolationId,
    /// Who found it.
    pub platform: OrganizationId,
    /// Whose it is.
    pub streamer: StreamerId,
    /// The person behind the account then, with the suite-wide id.
    pub person: PersonId,
    /// Of which kind.
    pub kind: ViolationKindId,
    /// What happened.
    pub description: String,
    /// When.
    pub occurred_at: Timestamp,
    /// What has become of the report.
    pub state: ViolationState,
    /// The ledger: entries are added and never changed.
    pub entries: Vec<PointsEntry>,
    /// A penalty for false endorsement.
    pub penalty: Option<EndorsementPenalty>,
    /// Who reported it.
    pub reported_by: ActingParty,
    /// When it was reported.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

/// One entry of the ledger of points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointsEntry {
    /// How many it adds; a reversal takes them away.
    pub points: i32,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: ActingParty,
}

/// What has become of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ViolationState {
    /// Nobody has decided about it.
    Reported,
    /// It is the case.
    Confirmed,
    /// It is not the case.
    Dismissed,
    /// It was confirmed, and wrongly so.
    Reversed,
}

impl ViolationState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Reported, Self::Confirmed, Self::Dismissed, Self::Reversed];

    /// The stable code, used in storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reported => "REPORTED",
            Self::Confirmed => "CONFIRMED",
            Self::Dismissed => "DISMISSED",
            Self::Reversed => "REVERSED",
        }
    }
}

/// A violation does not change so from the state it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the violation is `{}`", .0.code())]
pub struct ViolationRefusal(pub ViolationState);

impl Violation {
    /// Confirms the report with the points it costs, and with a penalty an authority imposed for it.
    pub fn confirm(
        self,
        entry: PointsEntry,
        penalised_on: Option<Date>,
        now: Timestamp,
    ) -> Result<Self, ViolationRefusal> {
        let penalty = penalised_on.map(|date| EndorsementPenalty { date });
        Ok(Self { penalty, ..self.enter(ViolationState::Reported, ViolationState::Confirmed, entry, now)? })
    }

    /// Dismisses the report. An entry without points says why.
    pub fn dismiss(self, entry: PointsEntry, now: Timestamp) -> Result<Self, ViolationRefusal> {
        let entry = PointsEntry { points: 0, ..entry };
        self.enter(ViolationState::Reported, ViolationState::Dismissed, entry, now)
    }

    /// Takes a confirmed violation back: an entry of its own takes its points away.
    pub fn reverse(self, entry: PointsEntry, now: Timestamp) -> Result<Self, ViolationRefusal> {
        let entry = PointsEntry { points: self.points().saturating_neg(), ..entry };
        self.enter(ViolationState::Confirmed, ViolationState::Reversed, entry, now)
    }

    fn enter(
        mut self,
        from: ViolationState,
        to: ViolationState,
        entry: PointsEntry,
        now: Timestamp,
    ) -> Result<Self, ViolationRefusal> {
        if self.state != from {
            return Err(ViolationRefusal(self.state));
        }
        self.entries.push(entry);
        Ok(Self { state: to, updated_at: now, ..self })
    }

    /// What the ledger adds up to.
    pub fn points(&self) -> i32 {
        self.entries.iter().fold(0, |sum, entry| sum.saturating_add(entry.points))
    }

    /// The penalty, while the violation stands.
    pub fn standing_penalty(&self) -> Option<EndorsementPenalty> {
        self.penalty.filter(|_| self.state == ViolationState::Confirmed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{ClientId, Id};

    fn entry(points: i32) -> PointsEntry {
        let by = ActingParty { client: ClientId::try_new("desk").unwrap(), person: None };
        PointsEntry { points, at: Timestamp::from_micros(2), reason: "seen".to_owned(), by }
    }

    fn reported() -> Violation {
        Violation {
            id: Id::try_new("v1").unwrap(),
            platform: Id::try_new("shop").unwrap(),
            streamer: Id::try_new("mina").unwrap(),
            person: Id::try_new("p1").unwrap(),
            kind: Id::try_new("false-endorsement").unwrap(),
            description: "something".to_owned(),
            occurred_at: Timestamp::from_micros(0),
            state: ViolationState::Reported,
            entries: Vec::new(),
            penalty: None,
            reported_by: entry(0).by,
            created_at: Timestamp::from_micros(1),
            updated_at: Timestamp::from_micros(1),
            version: Version::FIRST,
        }
    }

    #[test]
    fn every_event_in_every_state_leads_where_it_should() {
        use ViolationState::{Confirmed, Dismissed, Reported, Reversed};
        let now = Timestamp::from_micros(3);
        for state in ViolationState::ALL {
            let at = || Violation { state, ..reported() };
            let after = |next: Result<Violation, ViolationRefusal>| next.map(|next| next.state);
            let refused = Err(ViolationRefusal(state));
            let from = |needed, next| if state == needed { Ok(next) } else { refused };
            assert_eq!(after(at().confirm(entry(3), None, now)), from(Reported, Confirmed));
            assert_eq!(after(at().dismiss(entry(3), now)), from(Reported, Dismissed));
            assert_eq!(after(at().reverse(entry(3), now)), from(Confirmed, Reversed));
        }
    }

    #[test]
    fn the_ledger_keeps_every_entry_and_a_reversal_is_one_of_its_own() {
        let now = Timestamp::from_micros(3);
        let day = Date::parse("2026-11-01").ok();
        let confirmed = reported().confirm(entry(6), day, now).unwrap();
        assert_eq!(confirmed.points(), 6);
        assert!(confirmed.standing_penalty().is_some());
        let reversed = confirmed.reverse(entry(99), now).unwrap();
        assert_eq!(reversed.entries.iter().map(|entry| entry.points).collect::<Vec<_>>(), [6, -6]);
        assert_eq!((reversed.points(), reversed.standing_penalty()), (0, None));
        assert_eq!(reported().dismiss(entry(6), now).unwrap().points(), 0);
    }
}
