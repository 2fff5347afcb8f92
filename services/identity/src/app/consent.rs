//! What guardians say about persons of 16 and 17.

use super::persons::{Found, actor, check_etag, refused};
use super::record::{Saved, as_of, next_state, saved};
use super::{App, Database};
use crate::error::Error;
use crate::wire::{self, Statement};
use greenroom_auth::Caller;
use greenroom_domain::identity::port::{Change, GuardianStatement};
use greenroom_domain::identity::{AgeBand, Person, PersonState, Refusal};
use greenroom_domain::kernel::{PersonId, Timestamp};
use greenroom_domain::ledger::EventDraft;
use greenroom_proto::identity::v1::WithdrawGuardianConsentResponse;
use greenroom_proto::identity::v1::{self as proto, RecordGuardianConsentResponse};
use greenroom_rpc::clock::new_id;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Done, Once, Planned};
use greenroom_rpc::violations::Violations;

/// A statement taken in: the commit's parts, and the person as the caller sees it since.
type Taken = (Vec<Change>, Vec<EventDraft>, proto::Person);

impl<S: Database> App<S> {
    /// Records that a guardian agrees.
    pub async fn record_guardian_consent(
        &self,
        once: &Once,
        caller: &Caller,
        statement: &Statement,
    ) -> Result<Done<RecordGuardianConsentResponse>, Error> {
        let plan = async || {
            let said = self.take_statement(once, caller, statement, Person::record_guardian_consent).await?;
            let (change, events, person) = said;
            let answer = RecordGuardianConsentResponse { person: Some(person), revision: String::new() };
            Ok(Planned { change, events, answer })
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    /// Records that a guardian takes the consent back.
    pub async fn withdraw_guardian_consent(
        &self,
        once: &Once,
        caller: &Caller,
        statement: &Statement,
    ) -> Result<Done<WithdrawGuardianConsentResponse>, Error> {
        let plan = async || {
            let said =
                self.take_statement(once, caller, statement, Person::withdraw_guardian_consent).await?;
            let (change, events, person) = said;
            let answer = WithdrawGuardianConsentResponse { person: Some(person), revision: String::new() };
            Ok(Planned { change, events, answer })
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    async fn take_statement(
        &self,
        once: &Once,
        caller: &Caller,
        statement: &Statement,
        decide: fn(Person, Timestamp) -> Result<Person, Refusal>,
    ) -> Result<Taken, Error> {
        let now = once.now();
        let Found { named, record, identity } = self.person(caller, &statement.person).await?;
        check_etag(&statement.etag, &self.view(&named, &record))?;
        let next = decide(as_of(&record, identity.age, now), now)
            .map_err(|refusal| refused(refusal, &statement.person))?;
        let guardian = match &statement.guardian {
            Some(guardian) => Some(self.guardian(caller, guardian, &record.person.id, now).await?),
            None => None,
        };
        let kept = GuardianStatement {
            id: new_id(&self.clock).to_string(),
            person: record.person.id.clone(),
            consent: next.guardian_consent,
            artefact_sha256: statement.artefact_sha256,
            guardian,
            actor: actor(caller),
            create_time: now,
        };
        let heard = wire::guardian_statement_event(&kept);
        let next = next_state(&record, next, now);
        let Saved { change, event, record } = saved(Change::SavePerson, next, identity.age);
        let person = wire::person(&self.view(&named, &record), &record, identity.age, now);
        Ok((vec![Change::AddGuardianStatement(kept), change], vec![heard, event], person))
    }

    /// The suite-wide id of a guardian, who must be proven, an adult, and somebody else than `ward`.
    async fn guardian(
        &self,
        caller: &Caller,
        name: &PersonId,
        ward: &PersonId,
        now: Timestamp,
    ) -> Result<PersonId, Error> {
        let found = match self.person(caller, name).await {
            Ok(found) => found,
            Err(Error::PersonNotFound(_)) => return Err(unfit(&["must be a person of yours"])),
            Err(Error::PersonErased(_)) => return Err(unfit(&["must be proven"])),
            Err(error) => return Err(error),
        };
        let person = as_of(&found.record, found.identity.age, now);
        let mut faults = Vec::new();
        if person.id == *ward {
            faults.push("must be somebody else");
        }
        if person.state != PersonState::Verified {
            faults.push("must be proven");
        }
        if person.age_band(now).0 != AgeBand::Adult {
            faults.push("must be known to be an adult");
        }
        if faults.is_empty() { Ok(person.id) } else { Err(unfit(&faults)) }
    }
}

fn unfit(faults: &[&str]) -> Error {
    let mut violations = Violations::new();
    for fault in faults {
        violations.add("guardian", fault);
    }
    Fault::fields(violations).into()
}
