//! Entries of blocklists.

use super::conduct::{ListKeeper, ListingFact};
use super::notice::{ActingParty, Ending, Notice, Phase, Term};
use crate::kernel::{BlocklistEntryId, OrganizationId, PersonId, Timestamp, Version};
use thiserror::Error;

/// An entry of a blocklist about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlocklistEntry {
    /// Its id.
    pub id: BlocklistEntryId,
    /// Who keeps the list.
    pub organization: OrganizationId,
    /// What that organization is in this respect.
    pub keeper: ListKeeper,
    /// How whoever keeps the list named the person: a resource name.
    pub subject: String,
    /// The person with the suite-wide id.
    pub person: PersonId,
    /// What the person is told.
    pub notice: Notice,
    /// For how long.
    pub term: Term,
    /// Who added it.
    pub added_by: ActingParty,
    /// How it was lifted.
    pub lifted: Option<Ending>,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

/// How an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListingState {
    /// It begins later.
    Pending,
    /// It holds.
    InForce,
    /// It ended by itself.
    Ended,
    /// Whoever keeps the list took it back.
    Lifted,
}

impl ListingState {
    /// The stable code, used in messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InForce => "IN_FORCE",
            Self::Ended => "ENDED",
            Self::Lifted => "LIFTED",
        }
    }
}

/// An entry that is over cannot be lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the entry is `{}`", .0.code())]
pub struct ListingRefusal(pub ListingState);

impl BlocklistEntry {
    /// How it stands at an instant.
    pub fn state(&self, now: Timestamp) -> ListingState {
        match (&self.lifted, self.term.phase(now)) {
            (Some(_), _) => ListingState::Lifted,
            (None, Phase::Pending) => ListingState::Pending,
            (None, Phase::InForce) => ListingState::InForce,
            (None, Phase::Ended) => ListingState::Ended,
        }
    }

    /// Takes it back.
    pub fn lift(self, ending: Ending, now: Timestamp) -> Result<Self, ListingRefusal> {
        match self.state(now) {
            ListingState::Pending | ListingState::InForce => {
                Ok(Self { lifted: Some(ending), updated_at: now, ..self })
            }
            state => Err(ListingRefusal(state)),
        }
    }

    /// Whether it binds a platform: its own list does, and those that are shared.
    pub fn binds(&self, platform: &OrganizationId) -> bool {
        self.keeper != ListKeeper::Platform || self.organization == *platform
    }

    /// What a decision has to know of it.
    pub fn fact(&self) -> ListingFact {
        ListingFact {
            entry: self.id.clone(),
            keeper: self.keeper,
            from: self.term.from,
            until: self.term.end(self.lifted.as_ref().map(|ending| ending.at)),
            appeal: self.notice.appeal(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{ClientId, Id};

    #[test]
    fn an_entry_ends_by_itself_or_by_being_lifted_and_only_once() {
        let at = Timestamp::from_micros;
        let party = ActingParty { client: ClientId::try_new("desk").unwrap(), person: None };
        let text = || "something".to_owned();
        let entry = BlocklistEntry {
            id: Id::try_new("b1").unwrap(),
            organization: Id::try_new("shop").unwrap(),
            keeper: ListKeeper::Platform,
            subject: "persons/p".to_owned(),
            person: Id::try_new("p1").unwrap(),
            notice: Notice {
                facts: text(),
                reasons: text(),
                legal_basis: text(),
                appeal_channel: text(),
                appeal_until: at(50),
            },
            term: Term { from: at(5), until: Some(at(9)) },
            added_by: party.clone(),
            lifted: None,
            created_at: at(1),
            updated_at: at(1),
            version: Version::FIRST,
        };
        let ending = |now| Ending { at: now, reason: text(), by: party.clone() };
        for (now, state) in [(4, ListingState::Pending), (5, ListingState::InForce), (9, ListingState::Ended)]
        {
            assert_eq!(entry.state(at(now)), state);
            let lifted = entry.clone().lift(ending(at(now)), at(now));
            assert_eq!(lifted.is_ok(), state != ListingState::Ended);
        }
        let lifted = entry.clone().lift(ending(at(7)), at(7)).unwrap();
        assert_eq!(lifted.fact().until, Some(at(7)));
        assert_eq!(lifted.lift(ending(at(8)), at(8)), Err(ListingRefusal(ListingState::Lifted)));
        let rival = Id::try_new("rival").unwrap();
        assert!(entry.binds(&entry.organization) && !entry.binds(&rival));
        assert!(BlocklistEntry { keeper: ListKeeper::Regulator, ..entry }.binds(&rival));
    }
}
