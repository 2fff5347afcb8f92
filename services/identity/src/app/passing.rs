//! What time alone changes about persons.

use super::{App, Database};
use crate::error::Error;
use greenroom_domain::identity::port::PersonRecord;

impl<S: Database> App<S> {
    /// Records what time has changed about a person. Another replica that was first is no error.
    pub async fn pass_time(&self, _record: PersonRecord) -> Result<(), Error> {
        Ok(())
    }
}
