//! Follows the feeds of the identity service and of the certification service.
//!
//! Each batch becomes mirror rows, events of the registry's own, and one move of the cursor, in one transaction: it is
//! delivered at least once and applied once, whichever replica comes first.

use crate::memory::Memory;
use crate::wire::upstream::Said;
use crate::wire::{fact, upstream};
use greenroom_domain::kernel::CertificateId;
use greenroom_domain::ledger::{Advance, EventDraft, Position, StoreError, Write};
use greenroom_domain::registry::port::{Change, Store};
use greenroom_domain::registry::{CertificateStanding, Mirrored};
use greenroom_feed::cursor::Cursor;
use greenroom_feed::log::{EventLog, HasLog};
use greenroom_proto::certification::v1::WatchCertificationEventsRequest;
use greenroom_proto::certification::v1::certification_feed_service_client::CertificationFeedServiceClient;
use greenroom_proto::identity::v1::WatchIdentityEventsRequest;
use greenroom_proto::identity::v1::identity_feed_service_client::IdentityFeedServiceClient;
use greenroom_rpc::client::Authenticated;
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::follow::{Following, Progress, supervise};
use greenroom_rpc::keys::RemoteKeys;
use greenroom_rpc::wire::instant;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::Status;

/// The word for the identity service's feed.
pub const IDENTITY: &str = "identity";
/// The word for the certification service's feed.
pub const CERTIFICATION: &str = "certification";

/// The largest batch read. An upstream sends five hundred events at a time.
const LARGEST: usize = 32 * 1024 * 1024;

/// Applies one feed.
pub struct Follower<S> {
    /// Where it is applied to.
    pub store: S,
    /// What has to know it before it counts as heard.
    pub memory: Arc<Memory>,
    /// The time.
    pub clock: SharedClock,
    /// Which feed.
    pub source: &'static str,
    /// How the following stands.
    pub progress: Progress,
}

/// One message of a feed, in the registry's own words.
struct Batch {
    /// What is said, with the number of the event that says it.
    facts: Vec<(i64, Option<Said>)>,
    /// Where the feed stands with it.
    to: Position,
    /// The sender's time at which nothing newer was committed.
    current: Option<prost_types::Timestamp>,
}

impl<S: Store + HasLog> Follower<S> {
    /// Follows the identity service until `shutdown`. `keys` hear of it when there are others.
    pub async fn identity(self, upstream: Authenticated, keys: RemoteKeys, shutdown: CancellationToken) {
        let attempt = || async {
            let (mut at, cursor) = self.begin().await?;
            let client = IdentityFeedServiceClient::new(upstream.clone()).max_decoding_message_size(LARGEST);
            let request = WatchIdentityEventsRequest { cursor, ..WatchIdentityEventsRequest::default() };
            let opened = client.clone().watch_identity_events(request).await?;
            let mut stream = opened.into_inner();
            while let Some(message) = stream.message().await? {
                for (key_id, retired_from) in message.events.iter().filter_map(upstream::signing_key) {
                    keys.told_of(key_id, retired_from);
                }
                let facts = message.events.iter().map(|event| (event.sequence, upstream::identity(event)));
                let facts = facts.collect();
                self.apply(&mut at, batch(facts, &message.cursor, message.current_time)?).await?;
            }
            Ok(())
        };
        supervise(self.source, &self.progress, &self.clock, &shutdown, attempt).await;
        self.say_how_to_resync();
    }

    /// Follows the certification service until `shutdown`.
    pub async fn certification(self, upstream: Authenticated, shutdown: CancellationToken) {
        let attempt = || async {
            let (mut at, cursor) = self.begin().await?;
            let client =
                CertificationFeedServiceClient::new(upstream.clone()).max_decoding_message_size(LARGEST);
            let request = WatchCertificationEventsRequest { cursor };
            let opened = client.clone().watch_certification_events(request).await?;
            let mut stream = opened.into_inner();
            while let Some(message) = stream.message().await? {
                let facts =
                    message.events.iter().map(|event| (event.sequence, upstream::certification(event)));
                let facts = facts.collect();
                self.apply(&mut at, batch(facts, &message.cursor, message.current_time)?).await?;
            }
            Ok(())
        };
        supervise(self.source, &self.progress, &self.clock, &shutdown, attempt).await;
        self.say_how_to_resync();
    }

    async fn begin(&self) -> Result<(Option<Position>, String), Status> {
        let at = self.cursor().await?;
        let cursor = at.as_ref().map(Cursor::encode).unwrap_or_default();
        Ok((at, cursor))
    }

    async fn cursor(&self) -> Result<Option<Position>, Status> {
        self.store.log().cursor(self.source).await.map_err(|error| broken(&error))
    }

    /// Applies a batch unless another replica has. `at` is where the cursor stood when it was last looked at.
    async fn apply(&self, at: &mut Option<Position>, batch: Batch) -> Result<(), Status> {
        let came = self.clock.now();
        while !reached(at.as_ref(), &batch.to) && !batch.facts.is_empty() {
            // What is news is judged by the memory, so it has to be as far as the cursor.
            if let Some(at) = at {
                self.memory.follows(self.source, at).await;
            }
            let (change, write) = self.plan(at.as_ref(), &batch);
            match self.store.commit(change, write).await {
                Ok(_) => *at = Some(batch.to.clone()),
                Err(StoreError::CursorMoved | StoreError::Conflict) => *at = self.cursor().await?,
                Err(error) => return Err(broken(&error)),
            }
        }
        self.memory.follows(self.source, &batch.to).await;
        // Until the whole backlog is applied nothing is known about the present.
        if let Some(current) = batch.current.as_ref().and_then(|current| instant(current).ok()) {
            // A clock that runs ahead over there must not make old news look fresh here.
            self.progress.applied(Some(current.min(came)));
        }
        Ok(())
    }

    /// What the events behind the cursor say that was not known.
    fn news(&self, at: Option<&Position>, batch: &Batch) -> Vec<Mirrored> {
        let (world, now) = (self.memory.world(), self.clock.now());
        let behind = batch.facts.iter().filter(|(sequence, _)| at.is_none_or(|at| *sequence > at.sequence));
        let mut news: Vec<Mirrored> = Vec::new();
        for said in behind.filter_map(|(_, said)| said.as_ref()) {
            let mirrored = match said {
                Said::Plain(mirrored) => mirrored.clone(),
                Said::Unreadable(unreadable) => {
                    let id = &unreadable.certificate;
                    tracing::warn!(certificate = %id, "what was said of a certificate cannot be read");
                    // What the same batch says before is known, too. Of what was never heard of there is nothing to bar.
                    let before = news.iter().rev().find_map(|news| certificate(news, id));
                    let Some(known) = before.or_else(|| world.certificate(id)) else { continue };
                    Mirrored::Certificate(unreadable.suspend(known))
                }
            };
            // The same batch may have said more of a caller than the memory knows yet.
            if world.is_news(&mirrored, now) && !news.iter().any(|before| outdoes(before, &mirrored)) {
                news.push(mirrored);
            }
        }
        news
    }

    fn plan(&self, at: Option<&Position>, batch: &Batch) -> (Change, Write) {
        let news = self.news(at, batch);
        let mut events: Vec<EventDraft> = news.iter().map(fact::mirrored).collect();
        events.push(fact::source(self.source, &batch.to));
        let advance = Advance { source: self.source, from: at.cloned(), to: batch.to.clone() };
        let write = Write { advance: Some(advance), ..Write::by_service("follow", events, self.clock.now()) };
        (Change::Mirror(news), write)
    }

    fn say_how_to_resync(&self) {
        if let Following::Halted(cause) = &*self.progress.watch().borrow() {
            tracing::error!(
                feed = self.source,
                cause = %cause,
                "the registry no longer fits the service it follows, most likely because one of the two was restored from \
                 a backup; restore both to the same time, or empty the registry's rows of this feed in `feed_cursors`, \
                 `persons`, `callers`, `revoked_tokens`, `certificates`, `issuers`, `qualifications` and `standards`, and start it again"
            );
        }
    }
}

/// The certificate with this id, if the news are about it.
fn certificate<'a>(news: &'a Mirrored, id: &CertificateId) -> Option<&'a CertificateStanding> {
    match news {
        Mirrored::Certificate(certificate) if certificate.certificate == *id => Some(certificate),
        _ => None,
    }
}

/// Whether what was said before of a caller leaves nothing new in what is said now.
fn outdoes(before: &Mirrored, now: &Mirrored) -> bool {
    match (before, now) {
        (Mirrored::Caller(before), Mirrored::Caller(now)) => {
            before.caller == now.caller && !now.supersedes(before)
        }
        _ => false,
    }
}

fn batch(
    facts: Vec<(i64, Option<Said>)>,
    cursor: &str,
    current: Option<prost_types::Timestamp>,
) -> Result<Batch, Status> {
    let to = Cursor::decode(cursor).map_err(Fault::from)?;
    Ok(Batch { facts, to, current })
}

fn reached(at: Option<&Position>, to: &Position) -> bool {
    at.is_some_and(|at| at.database == to.database && at.sequence >= to.sequence)
}

/// Our own database does not answer: the stream is opened again when it does.
fn broken(error: &StoreError) -> Status {
    Status::unavailable(format!("cannot apply the feed: {error}"))
}
