//! Answers as of an instant in the past, for auditors and appeals.
//!
//! The event log is folded from its beginning, a batch at a time, into a world of its own that is dropped with the answer. It
//! costs as much as starting a replica from the log would, and one world of memory; so few run at once, and others wait.

use super::{App, RevisionText};
use crate::error::Error;
use crate::memory::world::{Effects, World};
use crate::wire::news::{News, of_event};
use greenroom_domain::kernel::{StreamerId, Timestamp};
use greenroom_domain::ledger::Position;
use greenroom_domain::registry::{Decision, Freshness, Question};
use greenroom_feed::cursor::Revision;
use greenroom_feed::event::Event;
use greenroom_feed::log::{EventLog, HasLog};
use greenroom_feed::tail::BATCH;
use greenroom_rpc::call::Call;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use std::sync::Arc;

/// How many worlds of the past there may be at a time.
pub const REPLAYS: usize = 2;

/// Which knowledge of an instant is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// What was known then.
    OfThen,
    /// What is known now to have been the case then.
    OfNow,
}

impl<S: HasLog> App<S> {
    /// Decides about a streamer of the caller's platform as of an instant.
    ///
    /// Every feed counts as heard of at that instant: how far it lagged then is not on record.
    pub async fn check_as_of(
        &self,
        call: &Call,
        streamer: &StreamerId,
        question: &Question,
        (then, knowledge): (Timestamp, Knowledge),
    ) -> Result<(Decision, RevisionText), Error> {
        if then > self.clock.now() {
            let mut violations = Violations::new();
            violations.add("as_of_time", "must not lie in the future");
            return Err(Fault::fields(violations).into());
        }
        let closed = |_| Fault::unavailable("the registry", &"it is stopping");
        let _turn = self.replays.acquire().await.map_err(closed)?;
        let (world, position) = Box::pin(self.world_of(then, knowledge)).await?;
        let platform = &call.caller.organization;
        let decision = world.decide(platform, streamer, question, &Freshness::all_at(then), then);
        let decision = decision.ok_or_else(|| Error::StreamerNotFound(streamer.clone()))?;
        let revision = world.sources().values().fold(Revision::at(&position), Revision::and);
        Ok((decision, Arc::from(revision.encode())))
    }

    /// The world as it was known at an instant, or as it is known now to have been.
    async fn world_of(&self, then: Timestamp, knowledge: Knowledge) -> Result<(World, Position), Error> {
        let log = self.store.log();
        let mut position = Position { sequence: 0, ..log.head().await? };
        let mut world = World::under(Arc::clone(self.memory.world().rules()));
        loop {
            let events = log.read_after(position.sequence, BATCH).await?;
            if events.is_empty() {
                return Ok((world, position));
            }
            for event in &events {
                if knowledge == Knowledge::OfThen && event.commit_time_us > then.as_micros() {
                    return Ok((world, position));
                }
                take(&mut world, event, then)?;
                position.sequence = event.sequence;
            }
            tokio::task::yield_now().await;
        }
    }
}

/// Applies an event, unless it tells of something that happened after the instant.
fn take(world: &mut World, event: &Event, then: Timestamp) -> Result<(), Error> {
    match of_event(event)? {
        Some(News::Session(_)) | None => {}
        Some(news) if news.happened_at().is_some_and(|at| at > then) => {}
        Some(news) => world.apply(news, &mut Effects::default()),
    }
    Ok(())
}
