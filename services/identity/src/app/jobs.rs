//! Checks that a caller asks a source for.

use super::persons::actor;
use super::{App, Database, Sandbox};
use crate::error::Error;
use crate::sources::SANDBOX;
use crate::wire;
use greenroom_auth::Caller;
use greenroom_domain::identity::port::{Change, PairwiseName};
use greenroom_domain::identity::{PersonState, ProofingJob};
use greenroom_domain::kernel::PersonId;
use greenroom_proto::identity::v1::{ProofingJob as WireJob, StartProofingResponse};
use greenroom_rpc::clock::new_id;
use greenroom_rpc::once::{Done, Once, Planned};

impl<S: Database> App<S> {
    /// Begins a check by a source, or finds the one that is still open. The source is asked at once, but not within this
    /// call.
    pub async fn start_proofing(
        &self,
        once: &Once,
        caller: &Caller,
        name: &PersonId,
        source: &str,
    ) -> Result<Done<StartProofingResponse>, Error> {
        let job_id = new_id(&self.clock).to_string();
        let plan = async || {
            // Asked in here: a repeated request is answered as it was, whatever the configuration says by now.
            self.ensure_source(source)?;
            let (named, record) = self.named(caller, name).await?;
            match record.person.state {
                PersonState::Frozen => return Err(Error::PersonFrozen(name.name())),
                PersonState::Erased => return Err(Error::PersonErased(name.name())),
                _ => {}
            }
            let (mut change, mut events) = (Vec::new(), Vec::new());
            let open = self.store.open_job(&record.person.id, source).await?;
            let job = open.unwrap_or_else(|| {
                let (id, person) = (job_id.clone(), record.person.id.clone());
                let new = ProofingJob::begin(id, person, source.to_owned(), actor(caller), once.now());
                // No source is asked about a record that was frozen or erased meanwhile.
                change.push(Change::KeepPerson(record.person.id.clone(), record.version()));
                change.push(Change::AddProofingJob(new.clone()));
                events.push(wire::proofing_job_event(&new));
                new
            });
            let proofing_job = Some(self.job_view(&job, &named.name)?);
            let answer = StartProofingResponse { proofing_job, revision: String::new() };
            Ok(Planned { change, events, answer })
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    /// How far a job is, under the caller's names for it and its person.
    pub async fn proofing_job(&self, caller: &Caller, name: &PersonId, job: &str) -> Result<WireJob, Error> {
        let (named, record) = self.named(caller, name).await?;
        let missing = || Error::ProofingJobNotFound(format!("{}/proofingJobs/{job}", name.name()));
        let id = self.vault.reveal_job(&named.name, job).ok_or_else(missing)?;
        let job = self.store.proofing_job(&id).await?.filter(|job| job.subject == record.person.id);
        self.job_view(&job.ok_or_else(missing)?, &named.name)
    }

    fn job_view(&self, job: &ProofingJob, named: &PairwiseName) -> Result<WireJob, Error> {
        let shown = self.vault.conceal_job(named, &job.id)?;
        Ok(wire::proofing_job(job, &named.name, &shown, &named.organization))
    }

    fn ensure_source(&self, name: &str) -> Result<(), Error> {
        if self.sources.named(name).is_some() {
            return Ok(());
        }
        if name == SANDBOX && self.rules.sandbox == Sandbox::Refused {
            return Err(Error::SandboxSourceDisabled);
        }
        let (source_name, known) = (name.chars().take(63).collect(), self.sources.names());
        Err(Error::ProofingSourceUnknown { source_name, known })
    }
}
