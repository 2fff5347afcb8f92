//! What stands against persons: sanctions, penalties, blocklist entries; and the overrides there are.

use greenroom_domain::kernel::{
    BlocklistEntryId, OrganizationId, OverrideId, PersonId, SanctionId, StreamerId, Timestamp, Version,
    ViolationId,
};
use greenroom_domain::registry::{
    ActingParty, BlocklistEntry, EndorsementPenalty, ListKeeper, ListingFact, Override, OverrideState,
    Sanction, SanctionFact, SanctionScope, Violation,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the log says of conduct, as far as decisions go.
#[derive(Clone, Debug)]
pub enum ConductNews {
    /// Of a violation.
    Violation(Box<Violation>),
    /// Of a sanction.
    Sanction(Box<Sanction>),
    /// Of an appeal: no decision rests on it.
    Appeal,
    /// Of an entry of a blocklist.
    Listing(Box<BlocklistEntry>),
    /// Of an override.
    Override(Box<Override>),
}

/// About whom something was said that decisions rest on.
#[derive(Debug, PartialEq, Eq)]
pub enum Touched {
    /// A person, on every platform.
    Person(PersonId),
    /// A person, and an account that may have changed hands since.
    Account(PersonId, StreamerId),
}

#[derive(Debug)]
struct Sanctioned {
    scope: SanctionScope,
    fact: SanctionFact,
    version: Version,
}

#[derive(Debug)]
struct Penalised {
    platform: OrganizationId,
    penalty: Option<EndorsementPenalty>,
    version: Version,
}

#[derive(Debug)]
struct Listed {
    organization: OrganizationId,
    keeper: ListKeeper,
    fact: ListingFact,
    version: Version,
}

/// What stands against persons.
#[derive(Debug, Default)]
pub struct Conduct {
    sanctions: HashMap<SanctionId, Sanctioned>,
    by_person: HashMap<PersonId, BTreeSet<SanctionId>>,
    by_streamer: HashMap<StreamerId, BTreeSet<SanctionId>>,
    penalties: HashMap<PersonId, BTreeMap<ViolationId, Penalised>>,
    listings: HashMap<PersonId, BTreeMap<BlocklistEntryId, Listed>>,
    overrides: BTreeMap<OverrideId, Override>,
}

impl Conduct {
    /// Takes in what was said, unless newer is known. Tells whom it is about where a decision may change.
    pub fn apply(&mut self, news: ConductNews) -> Option<Touched> {
        match news {
            ConductNews::Violation(violation) => self.apply_violation(&violation),
            ConductNews::Sanction(sanction) => self.apply_sanction(&sanction),
            ConductNews::Listing(entry) => self.apply_listing(&entry),
            ConductNews::Override(overriding) => {
                let known = self.overrides.get(&overriding.id);
                if known.is_none_or(|known| known.version < overriding.version) {
                    self.overrides.insert(overriding.id.clone(), *overriding);
                }
                None
            }
            ConductNews::Appeal => None,
        }
    }

    fn apply_sanction(&mut self, sanction: &Sanction) -> Option<Touched> {
        if self.sanctions.get(&sanction.id).is_some_and(|known| known.version >= sanction.version) {
            return None;
        }
        let (id, scope) = (sanction.id.clone(), sanction.scope());
        self.by_person.entry(scope.person.clone()).or_default().insert(id.clone());
        self.by_streamer.entry(scope.streamer.clone()).or_default().insert(id.clone());
        let touched = Touched::Account(scope.person.clone(), scope.streamer.clone());
        self.sanctions.insert(id, Sanctioned { scope, fact: sanction.fact(), version: sanction.version });
        Some(touched)
    }

    fn apply_violation(&mut self, violation: &Violation) -> Option<Touched> {
        let of_person = self.penalties.get(&violation.person);
        let known = of_person.and_then(|penalties| penalties.get(&violation.id));
        let penalty = violation.standing_penalty();
        let newer = known.is_none_or(|known| known.version < violation.version);
        // Most violations come with no penalty, and nothing is kept of those.
        if !newer || (known.is_none() && penalty.is_none()) {
            return None;
        }
        let penalised =
            Penalised { platform: violation.platform.clone(), penalty, version: violation.version };
        let penalties = self.penalties.entry(violation.person.clone()).or_default();
        penalties.insert(violation.id.clone(), penalised);
        Some(Touched::Person(violation.person.clone()))
    }

    fn apply_listing(&mut self, entry: &BlocklistEntry) -> Option<Touched> {
        let listings = self.listings.entry(entry.person.clone()).or_default();
        if listings.get(&entry.id).is_some_and(|known| known.version >= entry.version) {
            return None;
        }
        let listed = Listed {
            organization: entry.organization.clone(),
            keeper: entry.keeper,
            fact: entry.fact(),
            version: entry.version,
        };
        listings.insert(entry.id.clone(), listed);
        Some(Touched::Person(entry.person.clone()))
    }

    /// The sanctions of a platform that reach an account, or where none is named every account of a person.
    pub fn sanctions(
        &self,
        platform: &OrganizationId,
        account: Option<(&StreamerId, Timestamp)>,
        person: &PersonId,
    ) -> Vec<SanctionFact> {
        let of_account = account.and_then(|(streamer, _)| self.by_streamer.get(streamer));
        let of_person = self.by_person.get(person);
        let ids: BTreeSet<&SanctionId> = of_account.into_iter().chain(of_person).flatten().collect();
        let sanctions = ids.into_iter().filter_map(|id| self.sanctions.get(id));
        let reach = sanctions.filter(|sanctioned| sanctioned.scope.reaches(platform, account, person));
        reach.map(|sanctioned| sanctioned.fact.clone()).collect()
    }

    /// The entries about a person that bind a platform.
    pub fn listings(&self, platform: &OrganizationId, person: &PersonId) -> Vec<ListingFact> {
        let listings = self.listings.get(person).into_iter().flat_map(BTreeMap::values);
        let bind = listings
            .filter(|listed| listed.keeper != ListKeeper::Platform || listed.organization == *platform);
        bind.map(|listed| listed.fact.clone()).collect()
    }

    /// The penalties for false endorsement that a platform has on record against a person.
    pub fn penalties(&self, platform: &OrganizationId, person: &PersonId) -> Vec<EndorsementPenalty> {
        let penalties = self.penalties.get(person).into_iter().flat_map(BTreeMap::values);
        let own = penalties.filter(|penalised| penalised.platform == *platform);
        own.filter_map(|penalised| penalised.penalty).collect()
    }

    /// The entries of shared lists with whom they name.
    pub fn shared(&self) -> impl Iterator<Item = (&BlocklistEntryId, &PersonId)> {
        let all = self.listings.iter().flat_map(|(person, listings)| {
            listings.iter().map(move |(id, listed)| (id, person, listed.keeper))
        });
        all.filter(|(_, _, keeper)| *keeper != ListKeeper::Platform).map(|(id, person, _)| (id, person))
    }

    /// The override of a platform that somebody may act under.
    pub fn overriding(
        &self,
        platform: &OrganizationId,
        party: &ActingParty,
        now: Timestamp,
    ) -> Option<&Override> {
        let mut own = self.overrides.values().filter(|overriding| overriding.platform == *platform);
        own.find(|overriding| overriding.holds(party, now))
    }

    /// The overrides whose end is not noted yet, each with its end.
    pub fn open_overrides(&self) -> impl Iterator<Item = (&OverrideId, Timestamp)> {
        let open = self.overrides.values().filter(|overriding| overriding.state == OverrideState::Active);
        open.map(|overriding| (&overriding.id, overriding.expires_at))
    }
}

#[cfg(test)]
mod tests;
