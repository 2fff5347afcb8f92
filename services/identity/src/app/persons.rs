//! Persons, one at a time.

use super::dry_run::is_dry;
use super::{App, Database};
use crate::error::Error;
use crate::vault::Identity;
use crate::wire::{self, Comparison, View};
use greenroom_auth::Caller;
use greenroom_domain::identity::port::{
    Change, DocumentStanding, Lookup, PairwiseName, PairwiseRecord, PersonRecord,
};
use greenroom_domain::identity::{
    Age, FieldMatch, OrganizationRole, Person, PersonIdentity, PersonMatch, PersonState, Refusal,
};
use greenroom_domain::kernel::{PersonId, Timestamp};
use greenroom_domain::ledger::Actor;
use greenroom_proto::identity::v1::{self as proto, RegisterPersonResponse};
use greenroom_rpc::clock::new_id;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Done, Once, Planned};
use tonic::Code;
use uuid::Uuid;

/// A person that was looked up, under the name the caller used.
pub struct Found {
    /// The caller's name for the person.
    pub named: PairwiseRecord,
    /// The record.
    pub record: PersonRecord,
    /// Who it is.
    pub identity: Identity,
}

impl<S: Database> App<S> {
    /// Registers a person, or finds the one with the same document and name, and gives it the organization's own name. A
    /// dry run knows nobody whom the organization has no name for.
    pub async fn register_person(
        &self,
        once: &Once,
        caller: &Caller,
        claim: &PersonIdentity,
    ) -> Result<Done<RegisterPersonResponse>, Error> {
        let fresh = self.new_record(claim, once.now())?;
        let name = new_pairwise(caller)?;
        let plan = async || {
            let (mut change, mut events) = (Vec::new(), Vec::new());
            let (known, named) = self.known_under(once, caller, &fresh).await?;
            let record = known.as_ref().unwrap_or(&fresh);
            let age = if let Some(known) = &known {
                self.open(known)?.age
            } else {
                let age = claim.birth_date().into();
                change.push(Change::AddPerson(fresh.clone()));
                events.push(wire::person_event(&fresh, age));
                age
            };
            if record.person.state == PersonState::Frozen {
                let name = named.map(|named| named.name.name.name()).unwrap_or_default();
                return Err(Error::PersonFrozen(name));
            }
            let named = if let Some(named) = named {
                named
            } else {
                if known.is_some() {
                    // Nobody gets a name for a record that was frozen or erased meanwhile.
                    change.push(Change::KeepPerson(record.person.id.clone(), record.version()));
                }
                let person = record.person.id.clone();
                let new = PairwiseRecord { name: name.clone(), person, create_time: once.now() };
                change.push(Change::AddPairwiseName(new.clone()));
                events.push(wire::pairwise_name_event(&new));
                new
            };
            let view = self.view(&named, record);
            let person = wire::person(&view, record, age, once.now());
            let answer = RegisterPersonResponse { person: Some(person), revision: String::new() };
            Ok(Planned { change, events, answer })
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    /// The person with the same document and name, unless the document is proven to be somebody else's, and the caller's
    /// name for that person.
    async fn known_under(
        &self,
        once: &Once,
        caller: &Caller,
        fresh: &PersonRecord,
    ) -> Result<(Option<PersonRecord>, Option<PairwiseRecord>), Error> {
        // Before the claim: who proves the document in between is then found by it.
        let mut documents = self.standings(vec![fresh.lookup]).await?;
        let mut known =
            self.store.persons_by_claim(&[fresh.claim_lookup]).await?.into_iter().flatten().next();
        let named = match &known {
            Some(record) => self.store.name_of(&caller.organization, &record.person.id).await?,
            None => None,
        };
        if is_dry(once) {
            known = known.filter(|_| named.is_some());
            self.forget_owners(&caller.organization, &mut documents, known.iter()).await?;
        }
        let id = known.as_ref().map(|record| &record.person.id);
        not_proven_for_others(documents.get(&fresh.lookup), id)?;
        Ok((known, named))
    }

    /// Refuses a document that a check has proven to be that of another person than `own`.
    pub(super) async fn ensure_not_proven_for_others(
        &self,
        lookup: &Lookup,
        own: Option<&PersonId>,
    ) -> Result<(), Error> {
        let standing = self.store.documents(&[*lookup]).await?.into_iter().flatten().next();
        not_proven_for_others(standing.as_ref(), own)
    }

    /// What the organization of `named` sees the person under.
    pub fn view(&self, named: &PairwiseRecord, record: &PersonRecord) -> View {
        let PairwiseName { organization, name } = &named.name;
        View {
            name: name.clone(),
            create_time: named.create_time,
            etag: self.vault.person_etag(organization, name, record.version()),
        }
    }

    /// A record for a person nobody has checked yet.
    pub(super) fn new_record(&self, claim: &PersonIdentity, now: Timestamp) -> Result<PersonRecord, Error> {
        let id = PersonId::try_new(&new_id(&self.clock).to_string()).map_err(|fault| Fault::hide(&fault))?;
        let identity = Identity::claimed(claim.clone());
        let person = Person::register(id.clone(), identity.age, now);
        let due = person.next_change(now);
        Ok(PersonRecord {
            sealed: self.vault.seal_person(&id, &identity)?,
            lookup: self.vault.lookup(claim),
            claim_lookup: self.vault.claim_lookup(claim),
            proven_lookup: None,
            document_type: claim.document_type(),
            // The age is stored sealed, never in the clear. The facts of minors tell it all the same: see `PersonFact`.
            person: Person { age: Age::Unknown, ..person },
            due,
            create_time: now,
            update_time: now,
        })
    }

    pub(super) fn open(&self, record: &PersonRecord) -> Result<Identity, Error> {
        Ok(self.vault.open_person(&record.person.id, &record.sealed)?)
    }

    /// A person under the caller's own name, to act on it: there is nothing left to act on in an erased record.
    pub async fn person(&self, caller: &Caller, name: &PersonId) -> Result<Found, Error> {
        let (named, record) = self.named(caller, name).await?;
        if record.person.state == PersonState::Erased {
            return Err(Error::PersonErased(name.name()));
        }
        let identity = self.open(&record)?;
        Ok(Found { named, record, identity })
    }

    /// A person as the caller sees it, whose organization has the name, at this instant, whatever the state. The operator sees
    /// what holds a record also while it is in use.
    pub fn seen(
        &self,
        caller: &Caller,
        named: &PairwiseRecord,
        record: &PersonRecord,
    ) -> Result<proto::Person, Error> {
        let age = match record.person.state {
            // There is nothing left to open.
            PersonState::Erased => Age::Unknown,
            _ => self.open(record)?.age,
        };
        let person = wire::person(&self.view(named, record), record, age, self.clock.now());
        if !caller.has_role(OrganizationRole::SuiteOperator) {
            return Ok(person);
        }
        Ok(proto::Person { hold_until_time: wire::running_hold(record, self.clock.now()), ..person })
    }

    /// A person's record under the caller's own name, whatever its state. The suite's own services also know the suite-wide
    /// id.
    pub async fn named(
        &self,
        caller: &Caller,
        name: &PersonId,
    ) -> Result<(PairwiseRecord, PersonRecord), Error> {
        let asked = PairwiseName { organization: caller.organization.clone(), name: name.clone() };
        let mut found = self.store.person_named(&asked).await?;
        if found.is_none() && caller.has_role(OrganizationRole::SuiteOperator) {
            found = self.store.person(name).await?.map(|record| {
                let (person, create_time) = (record.person.id.clone(), record.create_time);
                (PairwiseRecord { name: asked, person, create_time }, record)
            });
        }
        found.ok_or_else(|| Error::PersonNotFound(name.name()))
    }

    /// Compares a claim with the person of a suite-wide id, field by field.
    pub async fn match_person(
        &self,
        caller: &Caller,
        id: &PersonId,
        given: &Comparison,
    ) -> Result<PersonMatch, Error> {
        let found = self.person(caller, id).await?;
        if found.record.person.state == PersonState::Frozen {
            return Err(Error::PersonFrozen(id.name()));
        }
        let (Comparison::Claim(claim) | Comparison::OtherKind(claim)) = given;
        let mut outcome = found.identity.known.compare(claim);
        if matches!(given, Comparison::OtherKind(_)) && outcome.document_number == FieldMatch::NotProvided {
            outcome.document_number = FieldMatch::Mismatch;
        }
        Ok(outcome)
    }
}

fn not_proven_for_others(standing: Option<&DocumentStanding>, own: Option<&PersonId>) -> Result<(), Error> {
    match standing {
        Some(DocumentStanding::Proven(owner)) if own != Some(owner) => Err(Error::PersonNameConflict),
        _ => Ok(()),
    }
}

/// Refuses a write that was decided on another state of the person. An empty `given` asks for nothing.
pub(super) fn check_etag(given: &str, current: &View) -> Result<(), Fault> {
    if given.is_empty() || given == current.etag {
        return Ok(());
    }
    let resource = current.name.name();
    let said = format!("`{resource}` changed since the etag `{given}`; read it again");
    Err(Fault::new(Code::Aborted, "ETAG_MISMATCH", said).with("resource", resource).with("etag", given))
}

/// A random name: nothing in it tells when, for whom or for which other names it was made.
pub(super) fn new_pairwise(caller: &Caller) -> Result<PairwiseName, Error> {
    let name = PersonId::try_new(&Uuid::new_v4().to_string()).map_err(|fault| Fault::hide(&fault))?;
    Ok(PairwiseName { organization: caller.organization.clone(), name })
}

/// Who is recorded as having caused a write.
pub(super) fn actor(caller: &Caller) -> Actor {
    Actor {
        client: Some(caller.client_id.clone()),
        organization: Some(caller.organization.clone()),
        person: caller.person.clone(),
    }
}

/// A refusal of the domain, as it is told to whoever knows the person as `name`.
pub(super) fn refused(refusal: Refusal, name: &PersonId) -> Error {
    match refusal {
        Refusal::Frozen => Error::PersonFrozen(name.name()),
        Refusal::Erased => Error::PersonErased(name.name()),
        Refusal::ConsentWithoutEffect { band } => Error::ConsentWithoutEffect(band),
        Refusal::NoConsentToWithdraw => Error::ConsentMissing,
        Refusal::NotFrozen => Error::PersonNotFrozen(name.name()),
        Refusal::HoldRuns { until } => Error::PersonHeld { person: name.name(), until },
        // Every check is dated before, in the past and for a while.
        other => Error::Fault(Fault::hide(&other)),
    }
}
