//! Asking sources: what a source said of a person is stored together with what follows from it.

use super::proofing::{Conclusion, Evidence, fresh_until};
use super::{App, Database};
use crate::error::Error;
use crate::sources::{Configured, Identities, Outcome, Sources};
use crate::vault::Identity;
use crate::wire;
use greenroom_domain::identity::port::{Change, PersonRecord};
use greenroom_domain::identity::{PersonIdentity, PersonState, Proofing, ProofingJob, ProofingResult};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{EventDraft, StoreError, Write};
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::source::work::{Desk, Hindrance};

/// What the log calls these writes.
const METHOD: &str = "proofing";

impl<S: Database> Desk for App<S> {
    type Inquiry = Identities;
    type Error = Error;

    fn clock(&self) -> &SharedClock {
        &self.clock
    }

    fn sources(&self) -> &Sources {
        &self.sources
    }

    async fn job(&self, id: &str) -> Result<Option<ProofingJob>, Error> {
        Ok(self.store.proofing_job(id).await?)
    }

    async fn due(&self, source: &str, now: Timestamp, limit: i64) -> Result<Vec<ProofingJob>, Error> {
        Ok(self.store.due_jobs(source, now, limit).await?)
    }

    async fn due_sources(&self, now: Timestamp) -> Result<Vec<String>, Error> {
        Ok(self.store.due_sources(now).await?)
    }

    async fn subject(&self, job: &ProofingJob) -> Result<PersonIdentity, Error> {
        Ok(self.processed(job).await?.1.known)
    }

    async fn save(&self, next: ProofingJob, now: Timestamp) -> Result<Option<ProofingJob>, Error> {
        self.save_job(next, Vec::new(), Vec::new(), now).await
    }

    async fn conclude(
        &self,
        job: &ProofingJob,
        next: &ProofingJob,
        source: &Configured,
        outcome: Option<&Outcome>,
        now: Timestamp,
    ) -> Result<Option<ProofingJob>, Error> {
        let silence = Outcome::bare(ProofingResult::SourceUnavailable);
        let evidence = evidence(job, source, outcome.unwrap_or(&silence), now);
        let (Conclusion { changes, events, .. }, heard) = self.concluded(job, &evidence, now).await?;
        let next = match heard {
            Heard::AsSaid => next.clone(),
            Heard::Contradiction => job.clone().conclude(ProofingResult::Mismatch, now),
        };
        let saved = self.save_job(next, changes, events, now).await?;
        if saved.is_some() && heard == Heard::Contradiction {
            let source = source.name.as_str();
            tracing::warn!(source, job = %job.id, "a source tells another birth than is known: a mismatch");
        }
        Ok(saved)
    }

    fn hindrance(&self, job: &str, error: &Error) -> Hindrance {
        match error {
            Error::PersonFrozen(_) => Hindrance::ForGood("PERSON_FROZEN"),
            Error::PersonErased(_) => Hindrance::ForGood("PERSON_ERASED"),
            Error::PersonNameConflict => Hindrance::ForGood("PERSON_NAME_CONFLICT"),
            // Most likely the keys file of this replica is behind, which is no word of the source's.
            Error::Vault(fault) => {
                tracing::error!(job, %fault, "the person of a proofing job cannot be read; trying again later");
                Hindrance::ForNow("the person's record cannot be opened")
            }
            _ => Hindrance::Unknown,
        }
    }
}

/// How what a source said was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    /// As it was said.
    AsSaid,
    /// As a mismatch: the birth it tells is not the one that is known.
    Contradiction,
}

impl<S: Database> App<S> {
    /// The person a job is about, if the record may be used.
    async fn processed(&self, job: &ProofingJob) -> Result<(PersonRecord, Identity), Error> {
        let record = self.store.person(&job.subject).await?;
        let record = record.ok_or_else(|| Error::PersonNotFound(job.subject.name()))?;
        match record.person.state {
            PersonState::Frozen => return Err(Error::PersonFrozen(job.subject.name())),
            PersonState::Erased => return Err(Error::PersonErased(job.subject.name())),
            _ => {}
        }
        let identity = self.open(&record)?;
        Ok((record, identity))
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
        match self.conclude(&record, &identity, evidence, &job.subject, now).await {
            Err(Error::BirthDateConflict) => {
                let mismatch = evidence.contradiction();
                let conclusion = self.conclude(&record, &identity, &mismatch, &job.subject, now).await?;
                Ok((conclusion, Heard::Contradiction))
            }
            concluded => Ok((concluded?, Heard::AsSaid)),
        }
    }

    /// Stores a job's next state with other changes. Gives it as stored; none if something changed meanwhile.
    pub(super) async fn save_job(
        &self,
        next: ProofingJob,
        mut changes: Vec<Change>,
        mut events: Vec<EventDraft>,
        now: Timestamp,
    ) -> Result<Option<ProofingJob>, Error> {
        let saved = next.clone().stored();
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
        method: source.kind,
        source: source.name.clone(),
        authentication: outcome.authentication,
        result: outcome.verdict,
        checked_at,
        fresh_until: fresh_until(checked_at, source.terms.validity, outcome.document_valid_until),
        artefact_sha256: outcome.artefact_sha256,
        document_valid_until: outcome.document_valid_until,
    };
    Evidence { proofing, told: outcome.age, actor: job.actor.clone() }
}
