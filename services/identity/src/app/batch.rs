//! Many persons at once, each with the check already made. What fails is left out; all the rest is one commit.

use super::acting::ensure_not_own;
use super::dry_run::{forget_strangers, is_dry};
use super::persons::{actor, new_pairwise};
use super::proofing::{Drawn, draw};
use super::record::saved;
use super::{App, Database};
use crate::error::Error;
use crate::vault::Identity;
use crate::wire::{self, Check};
use greenroom_auth::Caller;
use greenroom_domain::identity::port::{
    Change, DocumentStanding, Lookup, PairwiseRecord, PersonRecord, ProofingRecord,
};
use greenroom_domain::identity::{Age, PersonIdentity, PersonState};
use greenroom_domain::kernel::PersonId;
use greenroom_domain::ledger::EventDraft;
use greenroom_proto::identity::v1::{BatchRegisterPersonsResponse, Person, RegistrationFailure};
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Done, Once, Planned};
use std::collections::HashMap;
use tonic::Code;

/// One person to register.
pub struct Registration {
    /// Who it is.
    pub known: PersonIdentity,
    /// The check already made, if there was one.
    pub check: Option<Check>,
}

/// What the tables know about the persons of one call.
struct Known {
    /// What each item's document, and document with name, is found by; none for a malformed item.
    lookups: Vec<Option<(Lookup, Lookup)>>,
    by_claim: HashMap<Lookup, PersonRecord>,
    documents: HashMap<Lookup, DocumentStanding>,
    names: HashMap<PersonId, PairwiseRecord>,
}

/// Whether the tables know a person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    New,
    Stored,
}

/// One person of the call, after the items about it so far.
struct Entry {
    standing: Standing,
    /// As it is stored, or would be without the checks of this call.
    before: PersonRecord,
    /// The age that `before` has sealed.
    sealed_age: Age,
    after: PersonRecord,
    identity: Identity,
    evidence: Vec<ProofingRecord>,
}

/// The call as planned so far.
struct Batch {
    /// Who acts through the caller's client.
    acting: Option<PersonId>,
    known: Known,
    entries: Vec<Entry>,
    /// Where in `entries` who was asked for is.
    places: HashMap<Lookup, usize>,
}

type Planning = Planned<Vec<Change>, BatchRegisterPersonsResponse>;

impl<S: Database> App<S> {
    /// Registers many persons and records the checks that come with them: one outcome for each item, one commit for all
    /// that succeed.
    pub async fn register_persons(
        &self,
        once: &Once,
        caller: &Caller,
        items: &[Result<Registration, RegistrationFailure>],
    ) -> Result<Done<BatchRegisterPersonsResponse>, Error> {
        let plan = async || {
            let known = self.known_of(once, caller, items).await?;
            let acting = self.acting_person(caller).await?;
            let mut batch = Batch { acting, known, entries: Vec::new(), places: HashMap::new() };
            let mut outcomes = Vec::with_capacity(items.len());
            for (item, index) in items.iter().zip(0..) {
                outcomes.push(match item {
                    Err(failure) => Err(failure.clone()),
                    Ok(item) => match self.enter(once, caller, item, index, &mut batch) {
                        Ok(place) => Ok(place),
                        Err(error) => Err(own_failure(error)?),
                    },
                });
            }
            self.settle_batch(once, caller, batch, outcomes)
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    /// Carries out one item, or leaves the batch as it was. Answers where in the batch its person is.
    fn enter(
        &self,
        once: &Once,
        caller: &Caller,
        item: &Registration,
        index: usize,
        batch: &mut Batch,
    ) -> Result<usize, Error> {
        let Some((lookup, claim)) = batch.known.lookups.get(index).copied().flatten() else {
            return Err(Fault::hide(&"an item of a batch has no keys").into());
        };
        let place = batch.places.get(&claim).copied();
        let met = place.and_then(|place| batch.entries.get(place));
        let first = match met {
            Some(_) => None,
            None => Some(self.entry(once, item, batch.known.by_claim.get(&claim))?),
        };
        let entry = met.or(first.as_ref()).ok_or_else(|| Fault::hide(&"an entry of a batch is missing"))?;
        if entry.after.person.state == PersonState::Frozen {
            let own = batch.known.names.get(&entry.after.person.id).map(|named| named.name.name.name());
            return Err(Error::PersonFrozen(own.unwrap_or_default()));
        }
        let owner = batch.known.documents.get(&lookup);
        if matches!(owner, Some(DocumentStanding::Proven(owner)) if *owner != entry.after.person.id) {
            return Err(Error::PersonNameConflict);
        }
        if let Some(check) = &item.check {
            ensure_not_own(check, batch.acting.as_ref(), &entry.after.person.id)?;
        }
        let drawn = item.check.as_ref().map(|check| self.drawn(once, caller, entry, check)).transpose()?;
        let place = place.unwrap_or(batch.entries.len());
        if let Some(first) = first {
            batch.places.insert(claim, place);
            batch.entries.push(first);
        }
        if let (Some(Drawn { kept, next, age }), Some(entry)) = (drawn, batch.entries.get_mut(place)) {
            entry.evidence.push(kept);
            entry.after = next.unwrap_or_else(|| entry.after.clone());
            entry.identity.age = age;
            if entry.after.proven_lookup.is_some() {
                let owner = entry.after.person.id.clone();
                batch.known.documents.insert(lookup, DocumentStanding::Proven(owner));
            }
        }
        Ok(place)
    }

    /// What a check makes of a person. Whose the document is was asked before.
    fn drawn(&self, once: &Once, caller: &Caller, entry: &Entry, check: &Check) -> Result<Drawn, Error> {
        let evidence = self.evidence(check, &entry.identity.known, actor(caller), once.now())?;
        let record = &entry.after;
        draw(record, entry.identity.age, &evidence, &record.person.id, &self.clock, once.now())
    }

    /// What an item begins with: the person as stored, or one nobody has checked yet.
    fn entry(&self, once: &Once, item: &Registration, stored: Option<&PersonRecord>) -> Result<Entry, Error> {
        let (standing, before, identity) = match stored {
            Some(record) if record.person.state == PersonState::Frozen => {
                // Not even opened.
                (Standing::Stored, record.clone(), Identity::claimed(item.known.clone()))
            }
            Some(record) => (Standing::Stored, record.clone(), self.open(record)?),
            None => {
                let record = self.new_record(&item.known, once.now())?;
                (Standing::New, record, Identity::claimed(item.known.clone()))
            }
        };
        let (after, sealed_age) = (before.clone(), identity.age);
        Ok(Entry { standing, before, sealed_age, after, identity, evidence: Vec::new() })
    }

    /// The change, the events and the answer of all that was carried out.
    fn settle_batch(
        &self,
        once: &Once,
        caller: &Caller,
        batch: Batch,
        outcomes: Vec<Result<usize, RegistrationFailure>>,
    ) -> Result<Planning, Error> {
        let Batch { known, entries, .. } = batch;
        let (mut change, mut events) = (Vec::new(), Vec::new());
        let mut persons = Vec::with_capacity(entries.len());
        for entry in entries {
            let named = known.names.get(&entry.after.person.id);
            persons.push(self.settle_one(once, caller, entry, named, &mut change, &mut events)?);
        }
        let outcome = |outcome: Result<usize, RegistrationFailure>| match outcome {
            Ok(place) => {
                let person = persons.get(place).cloned();
                person.map(|person| wire::registration_outcome(Ok(person)))
            }
            Err(failure) => Some(wire::registration_outcome(Err(failure))),
        };
        change.sort_by(|left, right| known_person(left).cmp(&known_person(right)));
        // INVARIANT: every place is that of an entry.
        let outcomes = outcomes.into_iter().filter_map(outcome).collect();
        let answer = BatchRegisterPersonsResponse { outcomes, revision: String::new() };
        Ok(Planned { change, events, answer })
    }

    fn settle_one(
        &self,
        once: &Once,
        caller: &Caller,
        entry: Entry,
        named: Option<&PairwiseRecord>,
        change: &mut Vec<Change>,
        events: &mut Vec<EventDraft>,
    ) -> Result<Person, Error> {
        let Entry { standing, before, sealed_age, mut after, identity, evidence } = entry;
        let learned = identity.age != sealed_age;
        if learned {
            after.sealed = self.vault.seal_person(&after.person.id, &identity)?;
        }
        match standing {
            Standing::New => {
                events.push(wire::person_event(&after, identity.age));
                change.push(Change::AddPerson(after.clone()));
            }
            Standing::Stored if after != before => {
                let how = if learned { Change::ResealPerson } else { Change::SavePerson };
                let saved = saved(how, after, identity.age);
                change.push(saved.change);
                events.push(saved.event);
                after = saved.record;
            }
            // Neither a name nor evidence for a record that was frozen or erased meanwhile.
            Standing::Stored if named.is_none() || !evidence.is_empty() => {
                change.push(Change::KeepPerson(after.person.id.clone(), after.version()));
            }
            Standing::Stored => {}
        }
        let named = if let Some(named) = named {
            named.clone()
        } else {
            let person = after.person.id.clone();
            let new = PairwiseRecord { name: new_pairwise(caller)?, person, create_time: once.now() };
            change.push(Change::AddPairwiseName(new.clone()));
            events.push(wire::pairwise_name_event(&new));
            new
        };
        for evidence in evidence {
            events.push(wire::proofing_event(&evidence));
            change.push(Change::AddProofing(evidence));
        }
        Ok(wire::person(&self.view(&named, &after), &after, identity.age, once.now()))
    }

    async fn known_of(
        &self,
        once: &Once,
        caller: &Caller,
        items: &[Result<Registration, RegistrationFailure>],
    ) -> Result<Known, Error> {
        let keys = |item: &Registration| self.lookups(&item.known);
        let lookups: Vec<_> = items.iter().map(|item| item.as_ref().ok().map(keys)).collect();
        let (documents, claims): (Vec<_>, Vec<_>) = lookups.iter().flatten().copied().unzip();
        // Before the claims: who proves a document in between is then found by them.
        let mut documents = self.standings(documents).await?;
        let persons = self.store.persons_by_claim(&claims).await?;
        let mut by_claim: HashMap<_, _> =
            persons.into_iter().flatten().map(|record| (record.claim_lookup, record)).collect();
        let ids: Vec<_> = by_claim.values().map(|record| record.person.id.clone()).collect();
        let names = self.store.names_of(&caller.organization, &ids).await?;
        let names: HashMap<_, _> =
            names.into_iter().flatten().map(|named| (named.person.clone(), named)).collect();
        if is_dry(once) {
            forget_strangers(&mut by_claim, &names);
            self.forget_owners(&caller.organization, &mut documents, by_claim.values()).await?;
        }
        Ok(Known { lookups, by_claim, documents, names })
    }
}

/// By whom a change locks a row that others may lock: these come first and in one order, so that two batches wait for each
/// other and not for ever. What a row rests on stays before it.
fn known_person(change: &Change) -> (u8, &str) {
    match change {
        Change::KeepPerson(person, _) => (0, person.as_str()),
        Change::SavePerson(record) | Change::ResealPerson(record) => (0, record.person.id.as_str()),
        _ => (1, ""),
    }
}

/// What is the item's own failure; everything else fails the call.
fn own_failure(error: Error) -> Result<RegistrationFailure, Error> {
    let fault = Fault::from(error);
    match fault.code() {
        Code::InvalidArgument | Code::FailedPrecondition | Code::NotFound => {
            Ok(wire::registration_failure(fault))
        }
        _ => Err(Error::Fault(fault)),
    }
}
