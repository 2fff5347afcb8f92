//! Asking sources: a job is taken for a while, its source is asked outside any transaction, and what it said is stored
//! together with what follows. Whoever dies in between leaves a job that is taken again, and asked under the same id.

use super::proofing::{Conclusion, Evidence, fresh_until};
use super::{App, Database};
use crate::error::Error;
use crate::sources::{Answer, Configured, Failure, Health, Outcome, Question};
use crate::vault::Identity;
use crate::wire;
use greenroom_domain::identity::port::{Change, PersonRecord};
use greenroom_domain::identity::{Age, PersonState, Proofing, ProofingJob, ProofingResult};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{EventDraft, StoreError, Write};
use greenroom_rpc::fault::Fault;
use std::fmt::Display;
use std::sync::Arc;

/// What the log calls these writes.
const METHOD: &str = "proofing";

/// How often a conclusion is drawn anew because the person changed meanwhile.
const ATTEMPTS: usize = 8;

/// How what a source said was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// As it was said.
    AsSaid,
    /// As a mismatch: the birth it tells is not the one that is known.
    Contradiction,
}

impl<S: Database> App<S> {
    /// Asks the sources of jobs that are due, as many as each may be asked at the same time, and does not wait for them.
    /// Another replica that was first is no error.
    pub async fn work_on_jobs(self: &Arc<Self>) -> Result<(), Error> {
        for source in self.sources.all() {
            let free = i64::try_from(source.gate.free()).unwrap_or(i64::MAX);
            if free == 0 || self.sources.is_stopping() {
                continue;
            }
            let now = self.clock.now();
            for job in self.store.due_jobs(&source.name, now, free).await? {
                let Some(turn) = source.gate.enter() else { break };
                let taken = job.attempt(source.lease(), now);
                let Some(job) = self.save_job(taken, Vec::new(), Vec::new(), now).await? else { continue };
                let (app, source) = (Arc::clone(self), Arc::clone(source));
                self.sources.spawn(async move {
                    app.carry_on(job, &source).await;
                    drop(turn);
                });
            }
        }
        Ok(())
    }

    /// Carries a job that was taken one step further.
    async fn carry_on(&self, job: ProofingJob, source: &Configured) {
        let id = job.id.clone();
        let carried = match self.processed(&job).await {
            Ok((_, identity)) => {
                let (check_id, ticket, attempt) = (&job.id, &job.ticket, job.attempts);
                let question = Question { check_id, ticket, attempt, identity: &identity.known };
                tokio::select! {
                    biased;
                    answer = source.ask(&question) => {
                        tell_health(source, &answer);
                        self.follow_up(job, source, answer).await
                    }
                    () = self.sources.stopping() => {
                        let now = self.clock.now();
                        self.save_job(job.put_back(now), Vec::new(), Vec::new(), now).await.map(drop)
                    }
                }
            }
            Err(error) => self.give_up_if_final(job, source, error).await,
        };
        if let Err(error) = carried {
            let source = source.name.as_str();
            tracing::warn!(source, job = %id, error = %error, "a proofing job was not carried on; its source is asked again");
        }
    }

    /// The person a job is about, if the record may be used.
    async fn processed(&self, job: &ProofingJob) -> Result<(PersonRecord, Identity), Error> {
        let record = self.store.person(&job.person).await?;
        let record = record.ok_or_else(|| Error::PersonNotFound(job.person.name()))?;
        match record.person.state {
            PersonState::Frozen => return Err(Error::PersonFrozen(job.person.name())),
            PersonState::Erased => return Err(Error::PersonErased(job.person.name())),
            _ => {}
        }
        let identity = self.open(&record)?;
        Ok((record, identity))
    }

    /// Stores what a source said, or that it said nothing.
    async fn follow_up(
        &self,
        job: ProofingJob,
        source: &Configured,
        answer: Result<Answer, Failure>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        match answer {
            Ok(Answer::Outcome(outcome)) => {
                let next = job.clone().conclude(outcome.verdict, now);
                let evidence = evidence(&job, source, &outcome, now);
                self.store_evidence(job, next, source, &evidence, now).await
            }
            Ok(Answer::Pending { ticket, wait }) => {
                let next = job.wait(ticket, wait, &source.patience, now);
                self.store_step(next, source, &"it has needed time for too long", now).await
            }
            Err(failure @ Failure::Outage(_)) => {
                let next = job.clone().outage(&source.patience, now);
                // Once for an outage, however often it is asked meanwhile.
                if job.outages > 0 {
                    return self.store_step(next, source, &failure, now).await;
                }
                let outcome = Outcome {
                    verdict: ProofingResult::SourceUnavailable,
                    checked_at: None,
                    artefact_sha256: None,
                    authentication: None,
                    document_valid_until: None,
                    age: Age::Unknown,
                };
                let evidence = evidence(&job, source, &outcome, now);
                self.store_evidence(job, next, source, &evidence, now).await
            }
            Err(failure) => self.store_step(job.give_up(now), source, &failure, now).await,
        }
    }

    /// Stores a job's next state, and tells the log if it is given up.
    async fn store_step(
        &self,
        next: ProofingJob,
        source: &Configured,
        cause: &(dyn Display + Sync),
        now: Timestamp,
    ) -> Result<(), Error> {
        let closed = !next.is_open();
        if let Some(job) = self.save_job(next, Vec::new(), Vec::new(), now).await?
            && closed
        {
            let source = source.name.as_str();
            tracing::warn!(source, job = %job.id, cause = %cause, "gave up a proofing job");
        }
        Ok(())
    }

    /// Stores evidence, what follows from it, and the job's next state, all or nothing.
    async fn store_evidence(
        &self,
        job: ProofingJob,
        next: ProofingJob,
        source: &Configured,
        evidence: &Evidence,
        now: Timestamp,
    ) -> Result<(), Error> {
        for _ in 0..ATTEMPTS {
            let (Conclusion { changes, events, .. }, heard) = match self.concluded(&job, evidence, now).await
            {
                Ok(concluded) => concluded,
                Err(error) => return self.give_up_if_final(job, source, error).await,
            };
            let next = match heard {
                Heard::AsSaid => next.clone(),
                Heard::Contradiction => job.clone().conclude(ProofingResult::Mismatch, now),
            };
            if self.save_job(next, changes, events, now).await?.is_some() {
                if heard == Heard::Contradiction {
                    let source = source.name.as_str();
                    tracing::warn!(source, job = %job.id, "a source tells another birth than is known: a mismatch");
                }
                return Ok(());
            }
            let present = self.store.proofing_job(&job.id).await?;
            if present.is_none_or(|present| present.version != job.version) {
                tracing::debug!(job = %job.id, "an answer came after the job had gone on without it");
                return Ok(());
            }
        }
        Err(Fault::concurrent_change().into())
    }

    /// What follows from what a source said. One that confirms an identity and tells a birth that contradicts what is known
    /// speaks of somebody else, which is recorded as what it is: its word is never lost.
    async fn concluded(
        &self,
        job: &ProofingJob,
        evidence: &Evidence,
        now: Timestamp,
    ) -> Result<(Conclusion, Heard), Error> {
        let (record, identity) = self.processed(job).await?;
        match self.conclude(&record, &identity, evidence, &job.person, now).await {
            Err(Error::BirthDateConflict) => {
                let mismatch = evidence.contradiction();
                let conclusion = self.conclude(&record, &identity, &mismatch, &job.person, now).await?;
                Ok((conclusion, Heard::Contradiction))
            }
            concluded => Ok((concluded?, Heard::AsSaid)),
        }
    }

    /// Gives up a job that nothing can come of any more; any other error is left to a later attempt.
    async fn give_up_if_final(
        &self,
        job: ProofingJob,
        source: &Configured,
        error: Error,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let cause = match error {
            Error::PersonFrozen(_) => "PERSON_FROZEN",
            Error::PersonErased(_) => "PERSON_ERASED",
            Error::PersonNameConflict => "PERSON_NAME_CONFLICT",
            // Most likely the keys file of this replica is behind, which is no word of the source's.
            Error::Vault(fault) => {
                let next = job.outage(&source.patience, now);
                tracing::error!(job = %next.id, %fault, "the person of a proofing job cannot be read; trying again later");
                return self.store_step(next, source, &"the person's record cannot be opened", now).await;
            }
            error => return Err(error),
        };
        self.store_step(job.give_up(now), source, &cause, now).await
    }

    /// Stores a job's next state with other changes. Gives it as stored; none if something changed meanwhile.
    pub(super) async fn save_job(
        &self,
        next: ProofingJob,
        mut changes: Vec<Change>,
        mut events: Vec<EventDraft>,
        now: Timestamp,
    ) -> Result<Option<ProofingJob>, Error> {
        let saved = ProofingJob { version: next.version.next(), ..next.clone() };
        changes.push(Change::SaveProofingJob(next));
        events.push(wire::proofing_job_event(&saved));
        match self.store.commit(changes, Write::by_service(METHOD, events, now)).await {
            Ok(_) => Ok(Some(saved)),
            Err(StoreError::Conflict | StoreError::Taken(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn evidence(job: &ProofingJob, source: &Configured, outcome: &Outcome, now: Timestamp) -> Evidence {
    let checked_at = outcome.checked_at.unwrap_or(now);
    let proofing = Proofing {
        method: source.method,
        source: source.name.clone(),
        authentication: outcome.authentication,
        result: outcome.verdict,
        checked_at,
        fresh_until: fresh_until(checked_at, source.validity, outcome.document_valid_until),
        artefact_sha256: outcome.artefact_sha256,
        document_valid_until: outcome.document_valid_until,
    };
    Evidence { proofing, told: outcome.age, actor: job.actor.clone() }
}

fn tell_health(source: &Configured, answer: &Result<Answer, Failure>) {
    let name = source.name.as_str();
    let news = match answer {
        Err(Failure::Outage(_)) => source.gate.unanswered(),
        _ => source.gate.answered(),
    };
    match news {
        Some(Health::Down) => {
            tracing::warn!(source = name, "a proofing source does not answer; asking one question at a time");
        }
        Some(Health::Up) => tracing::info!(source = name, "a proofing source answers again"),
        None => {}
    }
}
