//! Checks that the service begins by itself, before a proof runs out.

use super::{App, Database};
use crate::error::Error;
use crate::wire;
use greenroom_domain::identity::ProofingJob;
use greenroom_domain::identity::port::{Change, RecheckFilter};
use greenroom_domain::ledger::{Actor, StoreError, Write};
use greenroom_rpc::clock::new_id;
use std::time::Duration;

/// What the log calls these writes.
const METHOD: &str = "recheck";

/// How many persons of a source are taken at once. The others wait for the next time, so that what callers ask for is not
/// held up behind a whole town.
const ROWS: i64 = 100;

/// A source that said nothing, or nothing that helps, is asked about the same person again after this.
const PAUSE: Duration = Duration::from_hours(24);

impl<S: Database> App<S> {
    /// Begins checks by the sources that are to renew their own proofs. Another replica that was first is no error.
    pub async fn begin_rechecks(&self) -> Result<(), Error> {
        for source in self.sources.all() {
            let Some(lead) = source.terms.recheck_lead else { continue };
            let now = self.clock.now();
            let filter = RecheckFilter {
                source: &source.name,
                until: now.plus(lead),
                not_asked_since: now.minus(PAUSE),
            };
            for person in self.store.rechecks(filter, ROWS).await? {
                let id = new_id(&self.clock).to_string();
                let job = ProofingJob::begin(id, person, source.name.clone(), Actor::default(), now);
                let write = Write::by_service(METHOD, vec![wire::proofing_job_event(&job)], now);
                match self.store.commit(vec![Change::AddProofingJob(job)], write).await {
                    Ok(_) | Err(StoreError::Conflict | StoreError::Taken(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }
}
