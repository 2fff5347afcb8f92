//! What every watch of a platform's resources has in common: a snapshot's cursor or none, filters, heartbeats, and each
//! change once, in commit order.

use super::{Api, parse, pieces};
use crate::error::Error;
use crate::memory::Memory;
use crate::memory::tidings::{Found, Since, Tiding, Told, of_events};
use crate::wire::optional;
use greenroom_domain::kernel::StreamerId;
use greenroom_domain::ledger::{Position, StoreError};
use greenroom_domain::registry::port::Store;
use greenroom_feed::cursor::Cursor;
use greenroom_feed::log::{EventLog, HasLog};
use greenroom_feed::tail::{BATCH, Pace, check_gapless};
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::stream::{Answers, Source, stream};
use prost::Message;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep, timeout};

/// What one kind of watch looks for, and how it answers.
pub trait View: Send + Sync + 'static {
    /// One change.
    type Event: Clone + Send;
    /// A batch of them.
    type Answer: Message + 'static;

    /// The change, if it is one the watcher asked for. Whose it is has been looked at.
    fn event<'a>(&self, tiding: &'a Tiding) -> Option<&'a Self::Event>;

    /// The answer with a batch.
    fn answer(&self, batch: Batch<Self::Event>) -> Self::Answer;
}

/// Changes, or a heartbeat without any.
pub struct Batch<E> {
    /// In commit order.
    pub events: Vec<E>,
    /// Everything up to here was sent.
    pub cursor: String,
    /// When nothing newer was committed; absent while more waits.
    pub current_time: Option<prost_types::Timestamp>,
}

impl<S: Store + HasLog> Api<S> {
    /// Streams what the caller's platform is told, from a cursor on or, without one, from now on.
    pub(super) async fn watch<V: View>(
        &self,
        call: &Call,
        cursor: &str,
        view: V,
    ) -> Result<Answers<V::Answer>, Fault> {
        let head = self.app.store.log().head().await?;
        let after = match cursor {
            "" => head.sequence,
            cursor => Cursor::resume(cursor, &head)?,
        };
        let platform = call.caller.organization.name();
        let watcher = Watcher {
            bell: self.app.memory.tidings().listen(&platform),
            memory: Arc::clone(&self.app.memory),
            log: self.app.store.log().clone(),
            platform,
            view,
            at: Position { sequence: after, ..head },
            spoken: None,
        };
        Ok(stream(watcher, call, &self.app.clock, self.shutdown.clone()))
    }

    /// The streamer that a list or a watch is limited to, by name, if any. It has to be the platform's.
    pub(super) async fn filtered_streamer(&self, call: &Call, name: &str) -> Result<Option<String>, Error> {
        if name.is_empty() {
            return Ok(None);
        }
        let id: StreamerId = parse::resource("streamer", name)?;
        let streamer = self.app.streamer(&call.caller.organization, &id).await?;
        Ok(Some(streamer.id.name()))
    }
}

/// One watcher.
struct Watcher<V, L> {
    platform: String,
    view: V,
    memory: Arc<Memory>,
    log: L,
    bell: Receiver<()>,
    /// Everything up to here was sent.
    at: Position,
    /// When it last heard anything, and how often the log had been looked at by then.
    spoken: Option<(Instant, u64)>,
}

impl<V: View, L: EventLog> Source for Watcher<V, L> {
    type Answer = V::Answer;

    async fn next(&mut self) -> Result<V::Answer, Fault> {
        loop {
            // INVARIANT: marked as seen before the tidings are looked at, so that one told after that wakes the wait below.
            self.bell.borrow_and_update();
            let concerns = |told: &Told| self.concerns(told);
            let found = self.memory.tidings().since(self.at.sequence, concerns);
            let (since, behind) = match found {
                Found::All(since) => (since, false),
                Found::Behind => (self.read().await?, true),
            };
            if let Some(answer) = self.tell(&since) {
                return Ok(answer);
            }
            if !behind {
                self.wait().await;
            }
        }
    }
}

impl<V: View, L: EventLog> Watcher<V, L> {
    fn concerns(&self, told: &Told) -> bool {
        told.platform == self.platform && self.view.event(&told.tiding).is_some()
    }

    /// The next events of the log itself.
    async fn read(&self) -> Result<Since, StoreError> {
        let events = self.log.read_after(self.at.sequence, BATCH).await?;
        check_gapless(self.at.sequence, &events)?;
        let told = of_events(&events)?.into_iter().filter(|told| self.concerns(told)).map(Arc::new);
        let through = events.last().map_or(self.at.sequence, |last| last.sequence);
        let beats = self.spoken.map_or(0, |(_, beats)| beats.saturating_add(1));
        Ok(Since { told: told.collect(), through, current: None, beats })
    }

    /// The answer with as much as fits, or a heartbeat if one is due.
    fn tell(&mut self, since: &Since) -> Option<V::Answer> {
        let due = |(at, beats): (Instant, u64)| at.elapsed() >= pace().heartbeat && since.beats > beats;
        if since.told.is_empty() && !self.spoken.is_none_or(due) {
            self.at.sequence = since.through;
            return None;
        }
        let fitting = pieces::fitting(&since.told, |told| told.size);
        let whole = fitting >= since.told.len();
        let sent = since.told.get(..fitting).unwrap_or(&since.told);
        let last = sent.last().map(|told| told.sequence).filter(|_| !whole);
        self.at.sequence = last.unwrap_or(since.through);
        self.spoken = Some((Instant::now(), since.beats));
        let events = sent.iter().filter_map(|told| self.view.event(&told.tiding)).cloned();
        Some(self.view.answer(Batch {
            events: events.collect(),
            cursor: Cursor::encode(&self.at),
            current_time: optional(since.current.filter(|_| whole)),
        }))
    }

    /// Until its platform is told something, or a heartbeat is due.
    async fn wait(&mut self) {
        let silence = self.spoken.map_or(Duration::ZERO, |(at, _)| at.elapsed());
        let left = pace().heartbeat.saturating_sub(silence).max(pace().look);
        if let Ok(Err(_)) = timeout(left, self.bell.changed()).await {
            sleep(left).await;
        }
    }
}

fn pace() -> Pace {
    Pace::default()
}
