//! Warnings before a credential ends.

use super::{App, Database};
use crate::error::Error;
use crate::wire;
use greenroom_domain::identity::port::Change;
use greenroom_domain::identity::{Client, ClientCredential, ExpiryNotice};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{StoreError, Write};

/// A day in seconds.
const DAY: u64 = 24 * 60 * 60;

impl<S: Database> App<S> {
    /// Tells that the end of a client's credentials has come a step nearer. Another replica that was first is no error, and
    /// a client that cannot be stored keeps nobody else waiting: it stays due, and is tried again.
    pub async fn notice_expiry(&self, client: Client) -> Result<(), Error> {
        let now = self.clock.now();
        let next = client.clone().notice_expiry(now);
        if next == client {
            return Ok(());
        }
        let stored = Client { version: next.version.next(), ..next.clone() };
        let write = Write::by_service("expiry_notice", vec![wire::client_event(&stored)], now);
        match self.store.commit(vec![Change::SaveClient(next)], write).await {
            Ok(_) => {
                warn(&client, &stored, now);
                Ok(())
            }
            Err(StoreError::Conflict) => {
                tracing::debug!(client.id = %client.id, "somebody else changed the client first");
                Ok(())
            }
            Err(error @ StoreError::Unavailable(_)) => Err(error.into()),
            Err(error) => {
                tracing::error!(
                    client.id = %client.id, error = %error.whole(),
                    "could not note that a credential ends soon"
                );
                Ok(())
            }
        }
    }
}

/// Says in the log which credentials came nearer to their end.
fn warn(before: &Client, after: &Client, now: Timestamp) {
    let moved = |credential: &&ClientCredential| {
        let known = before.credential(&credential.key_id).map(|known| known.notice);
        known.is_some_and(|known| known < credential.notice)
    };
    for credential in after.credentials.iter().filter(moved) {
        let Some(end) = credential.not_after else { continue };
        let (client, key) = (&after.id, &credential.key_id);
        if credential.notice == ExpiryNotice::Ended {
            tracing::warn!(client.id = %client, key.id = %key, "a credential has ended: it proves nothing any more");
        } else {
            // Begun days count whole: thirty days before the end it is thirty.
            let days = end.since(now).as_secs().div_ceil(DAY);
            tracing::warn!(client.id = %client, key.id = %key, days, "a credential ends soon; renew it before");
        }
    }
}
