//! What is common to everything that is done to a person: the notice, the term, who did it, and how it ends early.

use crate::kernel::{ClientId, PersonId, Timestamp};

/// What whoever is concerned has to be told. None of the texts is empty.
///
/// Source: Order 117, art. 14: facts, reasons, legal basis, exact duration and the way to appeal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened.
    pub facts: String,
    /// Why that leads to this measure.
    pub reasons: String,
    /// The law and article, or the platform's rule.
    pub legal_basis: String,
    /// Where to appeal.
    pub appeal_channel: String,
    /// Until when.
    pub appeal_until: Timestamp,
}

impl Notice {
    /// Where to appeal, and by when, in one sentence.
    pub fn appeal(&self) -> String {
        format!("{} (until {})", self.appeal_channel, self.appeal_until)
    }
}

/// From when until when something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// From when on.
    pub from: Timestamp,
    /// Until when; none for good. Later than `from`.
    pub until: Option<Timestamp>,
}

/// Whether a term has begun and ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// It begins later.
    Pending,
    /// It runs.
    InForce,
    /// It is over.
    Ended,
}

impl Term {
    /// Where it stands at an instant. A timed one ends by itself.
    pub fn phase(&self, now: Timestamp) -> Phase {
        match self.until {
            Some(until) if until <= now => Phase::Ended,
            _ if now < self.from => Phase::Pending,
            _ => Phase::InForce,
        }
    }

    /// Whether it ends no later than another.
    pub fn ends_by(&self, other: &Self) -> bool {
        other.until.is_none_or(|latest| self.until.is_some_and(|until| until <= latest))
    }

    /// Its end where something may have ended it before.
    pub(super) fn end(&self, ended: Option<Timestamp>) -> Option<Timestamp> {
        self.until.into_iter().chain(ended).min()
    }
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActingParty {
    /// The client.
    pub client: ClientId,
    /// The human who acted through it, under the organization's own name; none for a machine.
    pub person: Option<PersonId>,
}

impl ActingParty {
    /// Whether it is surely somebody else: another person, or where one of the two is a machine, another client.
    pub fn is_other(&self, other: &Self) -> bool {
        match (&self.person, &other.person) {
            (Some(one), Some(another)) => one != another && self.client != other.client,
            _ => self.client != other.client,
        }
    }
}

/// How something ended before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: ActingParty,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(client: &str, person: Option<&str>) -> ActingParty {
        ActingParty {
            client: ClientId::try_new(client).unwrap(),
            person: person.map(|person| PersonId::try_new(person).unwrap()),
        }
    }

    #[test]
    fn nobody_is_somebody_else_through_a_second_client() {
        let ann = party("desk-1", Some("ann"));
        assert!(!ann.is_other(&ann));
        assert!(!ann.is_other(&party("desk-2", Some("ann"))));
        assert!(!ann.is_other(&party("desk-1", None)));
        assert!(ann.is_other(&party("desk-2", Some("bob"))));
        assert!(ann.is_other(&party("backend", None)));
    }

    #[test]
    fn a_term_runs_from_its_first_instant_to_before_its_last() {
        let at = Timestamp::from_micros;
        let term = Term { from: at(5), until: Some(at(9)) };
        let phases = [4, 5, 8, 9].map(|now| term.phase(at(now)));
        assert_eq!(phases, [Phase::Pending, Phase::InForce, Phase::InForce, Phase::Ended]);
        let endless = Term { until: None, ..term };
        assert_eq!(endless.phase(Timestamp::MAX), Phase::InForce);
        assert!(term.ends_by(&endless) && term.ends_by(&term) && !endless.ends_by(&term));
    }
}
