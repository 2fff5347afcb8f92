//! Identity checks, and what follows from them.

use super::acting::ensure_not_own;
use super::persons::{Found, actor, check_etag, refused};
use super::record::{Saved, as_of, next_state, saved};
use super::{App, Database, Sandbox};
use crate::error::Error;
use crate::vault::Identity;
use crate::wire::{self, Check};
use greenroom_auth::Caller;
use greenroom_domain::identity::port::{Change, PersonRecord, ProofingRecord};
use greenroom_domain::identity::{
    Age, Person, PersonIdentity, Proofing, ProofingMethod, ProofingResult, Refusal,
};
use greenroom_domain::kernel::{Date, PersonId, Timestamp};
use greenroom_domain::ledger::{Actor, EventDraft};
use greenroom_proto::identity::v1::RecordProofingResponse;
use greenroom_rpc::clock::{SharedClock, new_id};
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Done, Once, Planned};
use greenroom_rpc::violations::Violations;
use std::time::Duration;

/// A check as it is recorded.
pub struct Evidence {
    /// The check.
    pub proofing: Proofing,
    /// What it told of the age.
    pub told: Age,
    /// Who recorded it.
    pub actor: Actor,
}

impl Evidence {
    /// The same check, taken as being about somebody else.
    pub fn contradiction(&self) -> Self {
        let proofing = Proofing { result: ProofingResult::Mismatch, ..self.proofing.clone() };
        Self { proofing, told: Age::Unknown, actor: self.actor.clone() }
    }
}

/// What follows from a check: one part of a commit.
pub struct Conclusion {
    /// What the store is to do.
    pub changes: Vec<Change>,
    /// What is true since.
    pub events: Vec<EventDraft>,
    /// The record as it is stored afterwards, its version already counted: a further change of the same commit begins
    /// here. The same as before where nothing follows.
    pub record: PersonRecord,
    /// What is known of the age afterwards.
    pub age: Age,
}

/// A conclusion before it is sealed and told.
pub(super) struct Drawn {
    /// The evidence as it is appended.
    pub kept: ProofingRecord,
    /// The record's next state, with the version that was read; none where nothing follows.
    pub next: Option<PersonRecord>,
    /// What is known of the age afterwards.
    pub age: Age,
}

impl<S: Database> App<S> {
    /// Records an identity check: always as evidence, and with its effect unless a newer one is on record.
    pub async fn record_proofing(
        &self,
        once: &Once,
        caller: &Caller,
        name: &PersonId,
        check: &Check,
        given_etag: &str,
    ) -> Result<Done<RecordProofingResponse>, Error> {
        let plan = async || {
            let Found { named, record, identity } = self.person(caller, name).await?;
            check_etag(given_etag, &self.view(&named, &record))?;
            ensure_not_own(check, self.acting_person(caller).await?.as_ref(), &record.person.id)?;
            let evidence = self.evidence(check, &identity.known, actor(caller), once.now())?;
            let Conclusion { changes, events, record, age } =
                self.conclude(&record, &identity, &evidence, name, once.now()).await?;
            let person = wire::person(&self.view(&named, &record), &record, age, once.now());
            let answer = RecordProofingResponse { person: Some(person), revision: String::new() };
            Ok(Planned { change: changes, events, answer })
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    /// The evidence in a check that a caller reports about somebody known as `known`.
    pub(super) fn evidence(
        &self,
        check: &Check,
        known: &PersonIdentity,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Evidence, Error> {
        if check.method == ProofingMethod::Sandbox && self.rules.sandbox == Sandbox::Refused {
            return Err(Error::SandboxSourceDisabled);
        }
        if matches!(known, PersonIdentity::NetworkNumber(_)) && check.document_valid_until.is_some() {
            let mut violations = Violations::new();
            let said = "must be empty: the person is known by a network number, not by a document";
            violations.add("proofing.document_valid_until", said);
            return Err(Fault::fields(violations).into());
        }
        Ok(Evidence { proofing: self.dated(check, now), told: check.age, actor })
    }

    /// Draws the conclusion from a check of the person behind `record`, whom the one who is told of a refusal knows as
    /// `name`. The check is appended in any case; the person changes unless a newer check is on record.
    ///
    /// What a match tells of the age is kept. Where it contradicts what is known, nothing at all follows, and it is for whoever
    /// asks to say so.
    pub(super) async fn conclude(
        &self,
        record: &PersonRecord,
        identity: &Identity,
        evidence: &Evidence,
        name: &PersonId,
        now: Timestamp,
    ) -> Result<Conclusion, Error> {
        let Drawn { kept, next, age } = draw(record, identity.age, evidence, name, &self.clock, now)?;
        let mut events = vec![wire::proofing_event(&kept)];
        let mut changes = vec![Change::AddProofing(kept)];
        let Some(mut next) = next else {
            // No evidence is added to a record that was frozen or erased meanwhile.
            changes.push(Change::KeepPerson(record.person.id.clone(), record.version()));
            return Ok(Conclusion { changes, events, record: record.clone(), age });
        };
        if evidence.proofing.result == ProofingResult::Match && next.proven_lookup.is_some() {
            self.ensure_not_proven_for_others(&record.lookup, Some(&record.person.id)).await?;
        }
        let mut how: fn(PersonRecord) -> Change = Change::SavePerson;
        if age != identity.age {
            let identity = Identity { age, ..identity.clone() };
            next.sealed = self.vault.seal_person(&record.person.id, &identity)?;
            how = Change::ResealPerson;
        }
        let Saved { change, event, record } = saved(how, next, age);
        changes.push(change);
        events.push(event);
        Ok(Conclusion { changes, events, record, age })
    }

    /// The check with the period it counts for: never longer than the document that was shown, unless that had expired
    /// before, which is told as such.
    fn dated(&self, check: &Check, now: Timestamp) -> Proofing {
        let checked_at = check.checked_at.unwrap_or(now);
        let source = match check.method {
            ProofingMethod::Sandbox => "sandbox",
            _ => "manual",
        };
        Proofing {
            method: check.method,
            source: source.to_owned(),
            authentication: check.authentication,
            result: check.result,
            checked_at,
            fresh_until: fresh_until(checked_at, self.rules.proofing_validity, check.document_valid_until),
            artefact_sha256: check.artefact_sha256,
            document_valid_until: check.document_valid_until,
        }
    }
}

/// Draws the conclusion from a check for [`App::conclude`] and for batches. Does not ask whether the document of a match is
/// proven to be that of somebody else.
pub(super) fn draw(
    record: &PersonRecord,
    known: Age,
    evidence: &Evidence,
    name: &PersonId,
    clock: &SharedClock,
    now: Timestamp,
) -> Result<Drawn, Error> {
    let Evidence { proofing, told, actor } = evidence;
    let before = as_of(record, known, now);
    let (after, age, proven_lookup) = match before.clone().record_proofing(proofing, now) {
        Ok(after) => {
            let age = learn(known, *told, proofing.result, now)?;
            // The first match takes the document.
            let taken = (proofing.result == ProofingResult::Match).then_some(record.lookup);
            (after, age, taken.or(record.proven_lookup))
        }
        // Older than what is known: kept as evidence, without effect.
        Err(Refusal::EvidenceSuperseded { .. }) => {
            learn(known, *told, proofing.result, now)?;
            (before, known, record.proven_lookup)
        }
        Err(refusal) => return Err(refused(refusal, name)),
    };
    let kept = ProofingRecord {
        id: new_id(clock).to_string(),
        person: record.person.id.clone(),
        proofing: proofing.clone(),
        actor: actor.clone(),
        create_time: now,
    };
    let after = after.aged(age, now);
    let changed = after != (Person { age: known, ..record.person.clone() });
    let next = changed.then(|| PersonRecord { proven_lookup, ..next_state(record, after, now) });
    Ok(Drawn { kept, next, age })
}

/// Until when a match counts that was made at `checked_at` on a document valid through `document_valid_until`: for
/// `validity`, and no longer than the document.
pub fn fresh_until(
    checked_at: Timestamp,
    validity: Duration,
    document_valid_until: Option<Date>,
) -> Timestamp {
    let longest = checked_at.plus(validity);
    let document_until = document_valid_until.map(|last| last.next_day().beijing_midnight());
    document_until.filter(|until| *until > checked_at).map_or(longest, |until| until.min(longest))
}

/// What is known of the age after a check: only a match teaches, for only then it is about this person.
fn learn(known: Age, told: Age, result: ProofingResult, now: Timestamp) -> Result<Age, Error> {
    match result {
        ProofingResult::Match => known.learn(told, now).ok_or(Error::BirthDateConflict),
        ProofingResult::Mismatch | ProofingResult::NotFound | ProofingResult::SourceUnavailable => Ok(known),
    }
}
