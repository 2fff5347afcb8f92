//! Persons, one at a time.

use super::{App, Database, Sandbox};
use crate::error::Error;
use crate::vault::Identity;
use crate::wire::{self, Check, Claim};
use greenroom_auth::Caller;
use greenroom_domain::identity::port::{Change, PairwiseName, PersonRecord, ProofingRecord};
use greenroom_domain::identity::{
    BirthDate, OrganizationRole, Person, PersonMatch, PersonState, Proofing, ProofingMethod, Refusal,
};
use greenroom_domain::kernel::{PersonId, Timestamp};
use greenroom_domain::ledger::Actor;
use greenroom_proto::identity::v1::{RecordProofingResponse, RegisterPersonResponse};
use greenroom_rpc::clock::new_id;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Done, Once, Planned};
use uuid::Uuid;

/// A person that was looked up, under the name the caller used.
pub struct Found {
    /// The caller's name for the person.
    pub name: PersonId,
    /// The record.
    pub record: PersonRecord,
    /// Who it is.
    pub identity: Identity,
}

impl Found {
    /// The birth date, if the document tells it.
    pub fn birth_date(&self) -> Option<BirthDate> {
        self.identity.birth_date
    }
}

impl<S: Database> App<S> {
    /// Registers a person, or finds the one with the same document, and gives it the organization's own name.
    pub async fn register_person(
        &self,
        once: &Once,
        caller: &Caller,
        claim: &Claim,
    ) -> Result<Done<RegisterPersonResponse>, Error> {
        let fresh = self.new_record(claim, once.now())?;
        let pairwise = new_pairwise(caller)?;
        let plan = async || {
            let known = self.store.persons_by_lookup(&[fresh.lookup]).await?.into_iter().flatten().next();
            let Some(record) = known else {
                let change = vec![
                    Change::AddPerson(fresh.clone()),
                    Change::AddPairwiseName(pairwise.clone(), fresh.person.id.clone()),
                ];
                let events = vec![wire::person_event(&fresh, claim.document.birth_date())];
                return Ok(Planned {
                    change,
                    events,
                    answer: registered(&pairwise.name, &fresh, claim, once.now()),
                });
            };
            if self.open(&record)?.name != claim.name {
                return Err(Error::PersonNameConflict);
            }
            let named = self.store.name_of(&caller.organization, &record.person.id).await?;
            let (name, change) = match named {
                Some(name) => (name, Vec::new()),
                None => (
                    pairwise.name.clone(),
                    vec![Change::AddPairwiseName(pairwise.clone(), record.person.id.clone())],
                ),
            };
            let answer = registered(&name, &record, claim, once.now());
            Ok(Planned { change, events: Vec::new(), answer })
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    /// A record for a person nobody has checked yet.
    pub(super) fn new_record(&self, claim: &Claim, now: Timestamp) -> Result<PersonRecord, Error> {
        let id = PersonId::try_new(&new_id(&self.clock).to_string()).map_err(|fault| Fault::hide(&fault))?;
        let birth_date = claim.document.birth_date();
        let identity = Identity { name: claim.name.clone(), document: claim.document.clone(), birth_date };
        Ok(PersonRecord {
            sealed: self.vault.seal_person(&id, &identity)?,
            lookup: self.vault.lookup(&claim.document),
            document_type: claim.document.document_type(),
            // The birth date is sealed and nowhere else.
            person: Person::register(id, None, now),
            create_time: now,
            update_time: now,
        })
    }

    pub(super) fn open(&self, record: &PersonRecord) -> Result<Identity, Error> {
        Ok(self.vault.open_person(&record.person.id, &record.sealed)?)
    }

    /// A person under the caller's own name. The suite's own services also know the suite-wide id.
    pub async fn person(&self, caller: &Caller, name: &PersonId) -> Result<Found, Error> {
        let pairwise = PairwiseName { organization: caller.organization.clone(), name: name.clone() };
        let mut record = self.store.person_named(&pairwise).await?;
        if record.is_none() && caller.has_role(OrganizationRole::SuiteOperator) {
            record = self.store.person(name).await?;
        }
        let record = record.ok_or_else(|| Error::PersonNotFound(name.name()))?;
        if record.person.state == PersonState::Erased {
            return Err(Error::PersonErased(name.name()));
        }
        let identity = self.open(&record)?;
        Ok(Found { name: name.clone(), record, identity })
    }

    /// Compares a claim with the person of a suite-wide id, field by field.
    pub async fn match_person(
        &self,
        caller: &Caller,
        id: &PersonId,
        claim: Claim,
    ) -> Result<PersonMatch, Error> {
        let found = self.person(caller, id).await?;
        if found.record.person.state == PersonState::Frozen {
            return Err(Error::PersonFrozen(id.name()));
        }
        Ok(PersonMatch::compare(&found.identity.name, &found.identity.document, &claim.into_domain()))
    }

    /// Records an identity check: always as evidence, and with its effect unless a newer one is on record.
    pub async fn record_proofing(
        &self,
        once: &Once,
        caller: &Caller,
        name: &PersonId,
        check: &Check,
        given_etag: &str,
    ) -> Result<Done<RecordProofingResponse>, Error> {
        if check.method == ProofingMethod::Sandbox && self.rules.sandbox == Sandbox::Refused {
            return Err(Error::SandboxSourceDisabled);
        }
        let proofing = self.dated(check, once.now());
        let proofing_id = new_id(&self.clock).to_string();
        let plan = async || {
            let Found { record, identity, .. } = self.person(caller, name).await?;
            etag::check(given_etag, record.version(), &name.name())?;
            let before = record.person.clone();
            let after = match before.clone().record_proofing(&proofing, once.now()) {
                Ok(after) => after,
                // Older than what is known: kept as evidence, without effect.
                Err(Refusal::EvidenceSuperseded { .. }) => before.clone(),
                Err(refusal) => return Err(refused(refusal, name)),
            };
            let mut change = vec![Change::AddProofing(ProofingRecord {
                id: proofing_id.clone(),
                person: before.id.clone(),
                proofing: proofing.clone(),
                actor: actor(caller),
                create_time: once.now(),
            })];
            let (mut events, mut stored) = (Vec::new(), record);
            if after != before {
                stored = PersonRecord { person: after, update_time: once.now(), ..stored };
                change.push(Change::SavePerson(stored.clone()));
                stored.person.version = stored.person.version.next();
                events.push(wire::person_event(&stored, identity.birth_date));
            }
            let person = wire::person(name, &stored, identity.birth_date, once.now());
            let answer = RecordProofingResponse { person: Some(person), revision: String::new() };
            Ok(Planned { change, events, answer })
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    /// The check with the period it counts for: never longer than the document that was shown, unless that had expired
    /// before, which is told as such.
    fn dated(&self, check: &Check, now: Timestamp) -> Proofing {
        let checked_at = check.checked_at.unwrap_or(now);
        let longest = checked_at.plus(self.rules.proofing_validity);
        let document_until = check.document_valid_until.map(|last| last.next_day().beijing_midnight());
        let fresh_until =
            document_until.filter(|until| *until > checked_at).map_or(longest, |until| until.min(longest));
        Proofing {
            method: check.method,
            result: check.result,
            checked_at,
            fresh_until,
            artefact_sha256: check.artefact_sha256,
            document_valid_until: check.document_valid_until,
        }
    }
}

fn registered(
    name: &PersonId,
    record: &PersonRecord,
    claim: &Claim,
    now: Timestamp,
) -> RegisterPersonResponse {
    let person = wire::person(name, record, claim.document.birth_date(), now);
    RegisterPersonResponse { person: Some(person), revision: String::new() }
}

/// A random name: nothing in it tells when, for whom or for which other names it was made.
fn new_pairwise(caller: &Caller) -> Result<PairwiseName, Error> {
    let name = PersonId::try_new(&Uuid::new_v4().to_string()).map_err(|fault| Fault::hide(&fault))?;
    Ok(PairwiseName { organization: caller.organization.clone(), name })
}

fn actor(caller: &Caller) -> Actor {
    Actor { client: Some(caller.client_id.clone()), organization: Some(caller.organization.clone()) }
}

fn refused(refusal: Refusal, name: &PersonId) -> Error {
    match refusal {
        Refusal::Frozen => Error::PersonFrozen(name.name()),
        Refusal::Erased => Error::PersonErased(name.name()),
        // The check was dated above, in the past and for a while.
        other => Error::Fault(Fault::hide(&other)),
    }
}
