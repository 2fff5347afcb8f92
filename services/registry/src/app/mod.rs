//! Use cases: load, decide, commit. One file per family.

pub mod accounts;
pub mod administrators;
pub mod as_of;
pub mod blocklist;
pub mod conditions;
pub mod conduct;
pub mod engagements;
pub mod grants;
pub mod history;
pub mod operators;
pub mod permissions;
pub mod policies;
pub mod sessions;
pub mod streamers;
pub mod trials;

pub use as_of::REPLAYS;
pub use trials::Trials;

use crate::error::Error;
use crate::memory::Memory;
use crate::violations::Violations;
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{Position, StoreError, Write};
use greenroom_domain::registry::port::{Change, Store};
use greenroom_domain::registry::{Feed, Freshness};
use greenroom_feed::cursor::Revision;
use greenroom_feed::log::{EventLog as _, HasLog};
use greenroom_proto::identity::v1::person_service_client::PersonServiceClient;
use greenroom_rpc::call::Call;
use greenroom_rpc::client::Authenticated;
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::follow::Progress;
use greenroom_rpc::once::{Mode, Once};
use prost::Message;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// The longest a check waits for a revision.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest an answered write waits until this replica's memory knows of it.
const SETTLE: Duration = Duration::from_secs(1);

/// Requests here carry no personal data: whoever guesses one learns nothing from its fingerprint.
const FINGERPRINT_KEY: &[u8] = b"greenroom-registry request fingerprint";

/// How the following of the two feeds stands.
#[derive(Clone, Default)]
pub struct Feeds {
    /// The identity service's.
    pub identity: Progress,
    /// The certification service's.
    pub certification: Progress,
}

/// Everything the use cases need.
pub struct App<S> {
    /// The tables.
    pub store: S,
    /// What is known, without a query.
    pub memory: Arc<Memory>,
    /// The time.
    pub clock: SharedClock,
    /// How fresh what is known is.
    pub feeds: Feeds,
    /// The identity service's persons.
    pub persons: PersonServiceClient<Authenticated>,
    /// How long a lease lasts at most.
    pub lease: Duration,
    /// What policies that are tried out would have answered.
    pub trials: Trials,
    /// Who may look into the past at a time.
    pub replays: Semaphore,
    /// The catalogue of violations.
    pub violations: Violations,
}

/// A shared revision, as text.
pub type RevisionText = Arc<str>;

impl<S> App<S> {
    /// One write on its way.
    pub fn once<M: Message>(
        &self,
        call: &Call,
        message: &M,
        request_id: &str,
        mode: Mode,
    ) -> Result<Once, Fault> {
        Once::new(call, message, request_id, mode, FINGERPRINT_KEY, &self.clock)
    }

    /// Up to when each feed is known to be applied. A feed never heard of is as old as can be.
    pub fn freshness(&self) -> Freshness {
        let or_never = |heard: Option<Timestamp>| heard.unwrap_or(Timestamp::from_micros(0));
        Freshness {
            identity_heard_at: or_never(self.feeds.identity.heard()),
            certification_heard_at: or_never(self.feeds.certification.heard()),
            registry_heard_at: or_never(self.memory.heard()),
        }
    }

    /// Waits until everything a revision names is known; an empty text asks for nothing.
    pub async fn at_least(&self, revision: &str, call: &Call) -> Result<(), Error> {
        if revision.is_empty() {
            return Ok(());
        }
        let wanted = Revision::decode(revision).map_err(|_| Error::RevisionMalformed)?;
        // A little before the caller's own deadline, so that it hears this answer and not a bare one.
        let now = Instant::now();
        let left = call.deadline.saturating_duration_since(now);
        let deadline = now + left.saturating_sub(left / 10).min(PATIENCE);
        if self.memory.reaches(&wanted, deadline).await {
            Ok(())
        } else {
            Err(Error::RevisionNotReached(revision.to_owned()))
        }
    }

    /// Waits a moment until this replica's memory knows of a write, so that the caller's next check does, too.
    ///
    /// If it takes longer the write stands all the same; its revision tells a check what to wait for.
    pub async fn settle(&self, position: Option<&Position>) {
        if let Some(position) = position {
            self.memory.reaches(&Revision::at(position), Instant::now() + SETTLE).await;
        }
    }
}

impl<S: Store + HasLog> App<S> {
    /// Waits until this replica knows everything that is committed by now. Whoever is let in because nothing stands against
    /// it has to be looked up in all there is; where that cannot be had, nothing is done.
    pub async fn up_to_date(&self) -> Result<(), Error> {
        let head = self.store.log().head().await?;
        if self.memory.reaches(&Revision::at(&head), Instant::now() + PATIENCE).await {
            Ok(())
        } else {
            Err(Error::NewsTooOld(vec![Feed::Registry.word()]))
        }
    }
}

impl<S: Store> App<S> {
    /// Commits a change at the present instant: the call may have waited since it came in.
    pub fn commit(
        &self,
        change: Change,
        write: Write,
    ) -> impl Future<Output = Result<Position, StoreError>> + Send {
        self.store.commit(change, Write { now: self.clock.now(), ..write })
    }
}
