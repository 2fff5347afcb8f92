//! The keys that verify access tokens: identity's own, or fetched from it.

use crate::clock::SharedClock;
use crate::fault::Fault;
use greenroom_auth::{KeyPurpose, KeySet, Refresh, RefreshRules, RemoteKeySet};
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::identity::v1::ListSigningKeysRequest;
use greenroom_proto::identity::v1::token_service_client::TokenServiceClient;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tonic::transport::Channel;

const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the keys come from.
#[derive(Clone)]
pub enum Keys {
    /// The identity service itself: whatever it publishes at present.
    Local(watch::Receiver<Arc<KeySet>>),
    /// Everybody else: fetched from the identity service, at a limited rate.
    Remote(RemoteKeys),
}

impl Keys {
    /// The keys known at present; none before the first fetch.
    pub fn current(&self) -> Option<Arc<KeySet>> {
        match self {
            Self::Local(keys) => Some(Arc::clone(&keys.borrow())),
            Self::Remote(remote) => remote.current(),
        }
    }

    /// Called when a token names a key that is not known, or when none is: fetches anew if that is permitted by now.
    pub async fn refresh(&self) {
        if let Self::Remote(remote) = self {
            remote.refresh().await;
        }
    }
}

/// Keys fetched from the identity service.
#[derive(Clone)]
pub struct RemoteKeys {
    identity: Channel,
    clock: SharedClock,
    state: Arc<Mutex<RemoteKeySet>>,
    /// Told after each fetch, so that calls waiting for it go on together.
    fetched: Arc<watch::Sender<()>>,
    /// Told when the identity service says that its keys changed.
    news: Arc<Notify>,
}

impl RemoteKeys {
    /// No keys yet; they are fetched when the first token comes, and then on schedule by [`RemoteKeys::keep_fresh`].
    pub fn new(identity: Channel, rules: RefreshRules, clock: SharedClock) -> Self {
        let state = Arc::new(Mutex::new(RemoteKeySet::new(rules)));
        let fetched = Arc::new(watch::Sender::new(()));
        Self { identity, clock, state, fetched, news: Arc::default() }
    }

    fn current(&self) -> Option<Arc<KeySet>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.read_time().map(|_| Arc::clone(state.keys()))
    }

    async fn refresh(&self) {
        let mut fetched = self.fetched.subscribe();
        let asked = self.with_state(RemoteKeySet::on_unknown_key);
        match asked {
            Refresh::Start => self.fetch().await,
            // Another call is fetching: its keys will do. The sender lives in `self`, so this cannot fail.
            Refresh::Running => drop(tokio::time::timeout(FETCH_TIMEOUT, fetched.changed()).await),
            Refresh::NotBefore(_) => {}
        }
    }

    /// The identity service said by its feed that it publishes a key, up to `retired_from` if that is told. Where the keys
    /// known here say something else [`RemoteKeys::keep_fresh`] fetches them at once: a key that was given up is refused
    /// from then on, and a new one is known before a token names it.
    pub fn told_of(&self, key_id: &str, retired_from: Option<Timestamp>) {
        self.with_state(|state, now| state.on_news(key_id, retired_from, now));
        self.news.notify_one();
    }

    /// Fetches on schedule, and after news, for as long as it is polled.
    pub async fn keep_fresh(&self) {
        let mut fetched = self.fetched.subscribe();
        loop {
            fetched.mark_unchanged();
            let next = match self.with_state(RemoteKeySet::on_schedule) {
                Refresh::Start => {
                    self.fetch().await;
                    continue;
                }
                Refresh::NotBefore(instant) => instant,
                Refresh::Running => self.clock.now().plus(Duration::from_secs(1)),
            };
            tokio::select! {
                () = self.clock.sleep_until(next) => {}
                () = self.news.notified() => {}
                // The sender lives in `self`, so this cannot fail.
                _ = fetched.changed() => {}
            }
        }
    }

    fn with_state<T>(&self, ask: impl FnOnce(&mut RemoteKeySet, Timestamp) -> T) -> T {
        let now = self.clock.now();
        ask(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner), now)
    }

    /// Fetches in a task of its own: the caller that happened to ask first may go away, the others still wait.
    async fn fetch(&self) {
        let this = self.clone();
        // A fetch that panicked counts as failed after its time.
        drop(tokio::spawn(async move { this.fetch_now().await }).await);
    }

    async fn fetch_now(&self) {
        let keys = tokio::time::timeout(FETCH_TIMEOUT, self.ask_identity()).await;
        let keys = keys.unwrap_or_else(|elapsed| Err(elapsed.to_string()));
        self.with_state(|state, now| match keys {
            Ok(keys) => state.succeeded(keys, now),
            Err(error) => {
                tracing::warn!(error = %error, "could not fetch the signing keys from the identity service");
                state.failed();
            }
        });
        self.fetched.send_replace(());
    }

    async fn ask_identity(&self) -> Result<KeySet, String> {
        let mut client = TokenServiceClient::new(self.identity.clone());
        let answer =
            client.list_signing_keys(ListSigningKeysRequest {}).await.map_err(|status| status.to_string())?;
        let jwks = answer.into_inner().jwks;
        KeySet::from_jwks(jwks.as_bytes(), KeyPurpose::TokenSigning).map_err(|fault| fault.to_string())
    }
}

/// The answer while no keys are known.
pub fn no_keys_yet() -> Fault {
    Fault::unavailable("the identity service", &"no signing keys were fetched yet")
}
