//! Freezing and erasing records.

use super::persons::{check_etag, refused};
use super::record::{Saved, as_of, next_state, saved};
use super::{App, Database};
use crate::error::Error;
use crate::secrets::fresh;
use crate::vault::VaultFault;
use crate::wire;
use greenroom_domain::identity::port::{Change, Lookup, PairwiseName, PairwiseRecord, PersonRecord, Sealed};
use greenroom_domain::identity::{Age, PersonState};
use greenroom_domain::kernel::{OrganizationId, PersonId, Timestamp};
use greenroom_domain::ledger::EventDraft;
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::{ErasePersonResponse, FreezePersonResponse, UnfreezePersonResponse};
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Done, Once, Planned};

impl<S: Database> App<S> {
    /// Stops every processing of a record but its storage. Sources are no longer asked.
    ///
    /// `read` says whose record, and until when it is held. It is asked only about a request that was not answered before:
    /// what lay in the future then may be over.
    pub async fn freeze_person(
        &self,
        once: &Once,
        read: impl Fn() -> Result<(PairwiseName, Timestamp), Fault> + Sync,
        given_etag: &str,
    ) -> Result<Done<FreezePersonResponse>, Error> {
        let now = once.now();
        let plan = async || {
            let (name, hold_until) = read()?;
            let (named, record) = self.person_of(&name).await?;
            check_etag(given_etag, &self.view(&named, &record))?;
            let frozen = as_of(&record, Age::Unknown, now).freeze(hold_until, now);
            let frozen = frozen.map_err(|refusal| refused(refusal, &name.name))?;
            let age = self.open(&record)?.age;
            let (mut change, mut events) = (Vec::new(), Vec::new());
            let mut stored = record;
            if frozen != stored.person {
                (change, events) = self.put_aside(&stored, now).await?;
                let next = next_state(&stored, frozen, now);
                let Saved { change: save, event, record } = saved(Change::SavePerson, next, age);
                change.push(save);
                events.push(event);
                stored = record;
            }
            let person = wire::person(&self.view(&named, &stored), &stored, age, now);
            let answer = FreezePersonResponse {
                person: Some(person),
                organizations: self.resting_on(&stored.person.id).await?,
                revision: String::new(),
            };
            Ok::<_, Error>(Planned { change, events, answer })
        };
        let commit = |change, write| self.store.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        if done.position.is_some()
            && let Ok((name, _)) = read()
        {
            self.tell_door_of_person(&name).await;
        }
        Ok(done)
    }

    /// Takes a frozen record into use again.
    pub async fn unfreeze_person(
        &self,
        once: &Once,
        name: &PairwiseName,
        given_etag: &str,
    ) -> Result<Done<UnfreezePersonResponse>, Error> {
        let now = once.now();
        let plan = async || {
            let (named, record) = self.person_of(name).await?;
            check_etag(given_etag, &self.view(&named, &record))?;
            // Whether it may be is decided before anything is opened.
            as_of(&record, Age::Unknown, now)
                .unfreeze(now)
                .map_err(|refusal| refused(refusal, &name.name))?;
            let age = self.open(&record)?.age;
            let used = as_of(&record, age, now).unfreeze(now);
            let used = used.map_err(|refusal| refused(refusal, &name.name))?;
            let Saved { change, event, record } =
                saved(Change::SavePerson, next_state(&record, used, now), age);
            // Only the operator unfreezes.
            let hold_until_time = wire::running_hold(&record, now);
            let person = wire::person(&self.view(&named, &record), &record, age, now);
            let person = proto::Person { hold_until_time, ..person };
            let answer = UnfreezePersonResponse { person: Some(person), revision: String::new() };
            Ok(Planned { change: vec![change], events: vec![event], answer })
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    /// Destroys the key of a record with all that it was found by, and gives up what sources were asked for it. Works on a
    /// record that cannot be opened any more, too.
    pub async fn erase_person(
        &self,
        once: &Once,
        name: &PairwiseName,
        given_etag: &str,
    ) -> Result<Done<ErasePersonResponse>, Error> {
        let now = once.now();
        let plan = async || {
            let (named, record) = self.person_of(name).await?;
            check_etag(given_etag, &self.view(&named, &record))?;
            let erased = as_of(&record, Age::Unknown, now).erase(now);
            let erased = erased.map_err(|refusal| refused(refusal, &name.name))?;
            let (mut change, mut events) = self.put_aside(&record, now).await?;
            let next = emptied(next_state(&record, erased, now))?;
            let Saved { change: save, event, record } = saved(Change::ResealPerson, next, Age::Unknown);
            change.push(save);
            events.push(event);
            let answer = ErasePersonResponse {
                person: Some(wire::person(&self.view(&named, &record), &record, Age::Unknown, now)),
                organizations: self.resting_on(&record.person.id).await?,
                revision: String::new(),
            };
            Ok::<_, Error>(Planned { change, events, answer })
        };
        let commit = |change, write| self.store.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        if done.position.is_some() {
            self.tell_door_of_person(name).await;
        }
        if done.position.is_some()
            && let Err(error) = self.store.clear_traces().await
        {
            // The record is erased all the same; later writes go over what remains.
            tracing::warn!(%error, "what an erased record leaves in the database's log was not cleared at once");
        }
        Ok(done)
    }

    /// The person an organization has that name for, whatever its state.
    async fn person_of(&self, name: &PairwiseName) -> Result<(PairwiseRecord, PersonRecord), Error> {
        let found = self.store.person_named(name).await?;
        found.ok_or_else(|| Error::PersonNotFound(name.name.name()))
    }

    /// The names of the organizations that have a name for the person.
    async fn resting_on(&self, person: &PersonId) -> Result<Vec<String>, Error> {
        let organizations = self.store.organizations_knowing(person).await?;
        Ok(organizations.iter().map(OrganizationId::name).collect())
    }

    /// What goes with a record that is processed no more: no source is asked about it, and nobody acts through a client of the
    /// person. A record that is put aside already has neither.
    async fn put_aside(
        &self,
        record: &PersonRecord,
        now: Timestamp,
    ) -> Result<(Vec<Change>, Vec<EventDraft>), Error> {
        if record.person.state == PersonState::Frozen {
            return Ok((Vec::new(), Vec::new()));
        }
        let (mut change, mut events) = self.stop_acting(&record.person.id, now).await?;
        let (jobs, told) = self.close_jobs(&record.person.id, now).await?;
        change.extend(jobs);
        events.extend(told);
        Ok((change, events))
    }

    /// Gives up the open jobs of a person: no source is asked about a record that is not processed.
    async fn close_jobs(
        &self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<(Vec<Change>, Vec<EventDraft>), Error> {
        let (mut change, mut events) = (Vec::new(), Vec::new());
        for job in self.store.open_jobs(person).await? {
            let next = job.give_up(now);
            let stored = next.clone().stored();
            change.push(Change::SaveProofingJob(next));
            events.push(wire::proofing_job_event(&stored));
        }
        Ok((change, events))
    }
}

/// The record without anything personal: neither key nor ciphertext, nothing to be found by, not even which kind of document
/// it was.
fn emptied(record: PersonRecord) -> Result<PersonRecord, VaultFault> {
    let random = || -> Result<Lookup, VaultFault> { Ok(*fresh()?) };
    Ok(PersonRecord {
        sealed: Sealed { wrapped_by: String::new(), wrapped_key: Vec::new(), record: Vec::new() },
        lookup: random()?,
        claim_lookup: random()?,
        proven_lookup: None,
        document_type: None,
        ..record
    })
}
