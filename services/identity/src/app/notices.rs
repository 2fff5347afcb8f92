//! Warnings before a credential ends.

use super::{App, Database};
use crate::error::Error;
use greenroom_domain::identity::Client;

impl<S: Database> App<S> {
    /// Tells that the end of a client's credentials has come a step nearer. Another replica that was first is no error.
    pub async fn notice_expiry(&self, _client: Client) -> Result<(), Error> {
        Ok(())
    }
}
