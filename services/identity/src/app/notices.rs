//! Warnings before a credential ends.

use super::{App, Database};
use crate::error::Error;
use crate::wire;
use greenroom_domain::identity::port::Change;
use greenroom_domain::identity::{Client, ClientCredential, ExpiryNotice};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{StoreError, Write};

/// Whether a client is due no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noticed {
    /// It is not: what there was to tell is told.
    Settled,
    /// It is: nothing was stored.
    StillDue,
}

/// A day in seconds.
const DAY: u64 = 24 * 60 * 60;

impl<S: Database> App<S> {
    /// Tells that the end of a client's credentials has come a step nearer. Another replica that was first is no error, and
    /// a client that cannot be stored keeps nobody else waiting: it stays due, and is tried again.
    pub async fn notice_expiry(&self, client: Client) -> Result<Noticed, Error> {
        let now = self.clock.now();
        let next = client.clone().notice_expiry(now);
        if next == client {
            return Ok(Noticed::StillDue);
        }
        let stored = Client { version: next.version.next(), ..next.clone() };
        let write = Write::by_service("expiry_notice", vec![wire::client_event(&stored)], now);
        match self.store.commit(vec![Change::SaveClient(next)], write).await {
            Ok(_) => {
                warn(&client, &stored, now);
                Ok(Noticed::Settled)
            }
            Err(StoreError::Conflict) => {
                tracing::debug!(client.id = %client.id, "somebody else changed the client first");
                Ok(Noticed::Settled)
            }
            Err(error @ StoreError::Unavailable(_)) => Err(error.into()),
            Err(error) => {
                tracing::error!(
                    client.id = %client.id, error = %error.whole(),
                    "could not note that a credential ends soon"
                );
                Ok(Noticed::StillDue)
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

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::identity::{ClientState, CredentialCheck, TokenBinding};
    use greenroom_domain::kernel::{ClientId, OrganizationId, Version};
    use std::io::Write as IoWrite;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    /// What is logged, as text.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl IoWrite for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn client(end: Timestamp) -> Client {
        let secret = |key_id: &str, not_after| ClientCredential {
            key_id: key_id.to_owned(),
            check: CredentialCheck::SecretHash([7; 32]),
            create_time: Timestamp::MIN,
            not_after,
            notice: ExpiryNotice::None,
        };
        Client {
            id: ClientId::try_new("till").unwrap(),
            organization: OrganizationId::try_new("shop").unwrap(),
            display_name: "样例收银台".to_owned(),
            scopes: vec!["persons.read".to_owned()],
            person: None,
            token_binding: TokenBinding::None,
            state: ClientState::Active,
            tokens_valid_from: None,
            credentials: vec![secret("secret-1", Some(end)), secret("secret-2", None)],
            create_time: Timestamp::MIN,
            update_time: Timestamp::MIN,
            version: Version::FIRST,
        }
    }

    #[test]
    fn the_log_names_the_client_the_key_and_the_days_that_are_left() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let end = Timestamp::from_micros(0).plus(Duration::from_secs(DAY * 100));
        tracing::subscriber::with_default(subscriber, || {
            let mut known = client(end);
            for days in [30, 29, 7, 1, 0] {
                let now = end.minus(Duration::from_secs(DAY * days));
                let next = known.clone().notice_expiry(now);
                warn(&known, &next, now);
                known = next;
            }
        });
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let days: Vec<_> = text.lines().filter_map(|line| line.split("days=").nth(1)).collect();
        assert_eq!(days, ["30", "7", "1"], "{text}");
        let lines = |word: &str| text.lines().filter(|line| line.contains(word)).count();
        assert_eq!((lines(" WARN "), lines("client.id=till key.id=secret-1"), lines("has ended")), (4, 4, 1));
        assert_eq!((lines("secret-2"), lines("样例")), (0, 0));
    }
}
