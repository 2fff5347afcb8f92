//! Watches the live sessions on air: cuts whoever may no longer sell, the moment that is known, and ends leases at their
//! instant.
//!
//! Every replica patrols. Whoever commits first wins; the fence tells the others that there is nothing left to do.

use crate::app::App;
use crate::wire::session::{Decided, Happening};
use greenroom_domain::kernel::{LiveSessionId, OrganizationId, StreamerId, Timestamp};
use greenroom_domain::ledger::{EventDraft, StoreError, Write};
use greenroom_domain::registry::port::{Change, SessionRecord, Store};
use greenroom_domain::registry::{Decision, Freshness, LiveSession, Outcome, SessionRefusal, SessionState};
use greenroom_feed::log::HasLog;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How many sessions one transaction changes: an issuer struck off may concern thousands.
const CHUNK: usize = 64;

/// How long to wait before trying again when the database does not answer.
const PAUSE: Duration = Duration::from_millis(200);

/// The patrol of one replica.
pub struct Patrol<S> {
    app: Arc<App<S>>,
    /// Ends of leases that were seen to, at the fence they were known by, until the memory hears of it.
    seen_to: HashMap<LiveSessionId, i64>,
}

/// What is to be done about one session.
struct Step {
    /// The session afterwards.
    record: SessionRecord,
    /// The fence it was read at.
    fence: i64,
    /// What to tell.
    events: Vec<EventDraft>,
}

impl<S: Store + HasLog> Patrol<S> {
    /// A patrol that has not begun.
    pub fn new(app: Arc<App<S>>) -> Self {
        Self { app, seen_to: HashMap::new() }
    }

    /// Patrols until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let memory = Arc::clone(&self.app.memory);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = memory.affected().told() => {}
                () = self.next_end() => {}
            }
            let mut sessions = memory.affected().take();
            let due = self.due();
            sessions.extend(due.iter().map(|(id, _)| id.clone()));
            match self.look_at(&sessions).await {
                Ok(()) => self.seen_to.extend(due),
                Err(error) => {
                    tracing::warn!(error = %error, "the patrol cannot reach the database; trying again");
                    memory.affected().add(sessions);
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Ends when the next lease does.
    async fn next_end(&mut self) {
        let next = {
            let world = self.app.memory.world();
            self.seen_to
                .retain(|id, fence| world.sessions.get(id).is_some_and(|on_air| on_air.fence == *fence));
            let open = world.sessions.ends().find(|(_, id, fence)| self.seen_to.get(*id) != Some(fence));
            open.map(|(end, _, _)| end)
        };
        match next {
            Some(end) => self.app.clock.sleep_until(end).await,
            None => std::future::pending().await,
        }
    }

    /// The sessions whose leases have ended, at the fence they are known by.
    fn due(&self) -> Vec<(LiveSessionId, i64)> {
        let now = self.app.clock.now();
        let world = self.app.memory.world();
        let ended = world.sessions.ends().take_while(|(end, _, _)| *end <= now);
        let open = ended.filter(|(_, id, fence)| self.seen_to.get(*id) != Some(fence));
        open.map(|(_, id, fence)| (id.clone(), fence)).collect()
    }

    async fn look_at(&self, sessions: &BTreeSet<LiveSessionId>) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let mut steps = Vec::new();
        for id in sessions.iter().filter(|id| self.needs_a_step(id, now)) {
            if let Some(record) = self.app.store.session(id).await? {
                steps.extend(self.step(&record, now)?);
            }
            if steps.len() >= CHUNK {
                self.commit(std::mem::take(&mut steps), now).await?;
            }
        }
        self.commit(steps, now).await
    }

    /// A look at the memory alone: most news change nothing for most sessions.
    fn needs_a_step(&self, id: &LiveSessionId, now: Timestamp) -> bool {
        let on_air = self.app.memory.world().sessions.get(id).cloned();
        on_air.is_some_and(|on_air| {
            let marketers = on_air.running.admitted.iter();
            now >= on_air.running.lease_until
                || !self.refused(&on_air.platform, marketers, fresh(now), now).is_empty()
        })
    }

    /// What is to be done about a session, if anything.
    fn step(&self, record: &SessionRecord, now: Timestamp) -> Result<Option<Step>, StoreError> {
        if record.state != SessionState::Open {
            return Ok(None);
        }
        let mut decided = Decided::restore(record)?;
        let over = now >= record.lease_until;
        let freshness = if over { self.freshness_at_the_end(now) } else { fresh(now) };
        let refused = self.refused(&record.platform, decided.session.admitted(), freshness, now);
        let mut events = Vec::new();
        if !refused.is_empty() {
            let cut: Vec<StreamerId> = refused.iter().map(|(streamer, _)| streamer.clone()).collect();
            let session =
                cut_all(decided.session.clone(), &cut, now).map_err(|refusal| impossible(&refusal))?;
            decided = decided.after(session, &refused);
            events.push(decided.event(Happening::MarketerCut, &cut, now));
        }
        if over && decided.session.state == SessionState::Open {
            let session = decided.session.clone().expire(now).map_err(|refusal| impossible(&refusal))?;
            decided = decided.after(session, &[]);
            events.push(decided.event(Happening::Expired, &[], now));
        }
        let step = || Step { record: decided.record(now), fence: record.fence, events: events.clone() };
        Ok((!events.is_empty()).then(step))
    }

    /// Who of the marketers is not allowed, with the decision that says so.
    fn refused<'a>(
        &self,
        platform: &OrganizationId,
        marketers: impl Iterator<Item = &'a StreamerId>,
        freshness: Freshness,
        now: Timestamp,
    ) -> Vec<(StreamerId, Decision)> {
        let world = self.app.memory.world();
        let decide = |streamer: &StreamerId| {
            let decision = world.decide(platform, streamer, &freshness, None, now)?;
            (decision.outcome != Outcome::Allow).then(|| (streamer.clone(), decision))
        };
        marketers.filter_map(decide).collect()
    }

    /// How fresh the news are, for the reason why a lease was not longer. A replica that has only just started does not
    /// know, and blames nobody.
    fn freshness_at_the_end(&self, now: Timestamp) -> Freshness {
        let feeds = &self.app.feeds;
        let heard = feeds.identity.heard().is_some() && feeds.certification.heard().is_some();
        if heard { feeds.freshness() } else { fresh(now) }
    }

    async fn commit(&self, steps: Vec<Step>, now: Timestamp) -> Result<(), StoreError> {
        if steps.is_empty() {
            return Ok(());
        }
        match self.write(&steps, now).await {
            Err(StoreError::Conflict) if steps.len() > 1 => {
                for step in &steps {
                    settle(self.write(std::slice::from_ref(step), now).await)?;
                }
                Ok(())
            }
            done => settle(done),
        }
    }

    async fn write(&self, steps: &[Step], now: Timestamp) -> Result<(), StoreError> {
        let sessions = steps.iter().map(|step| (step.record.clone(), step.fence)).collect();
        let events = steps.iter().flat_map(|step| step.events.clone()).collect();
        let write = Write::by_service("patrol", events, now);
        self.app.store.commit(Change::SaveSessions(sessions), write).await.map(|_| ())
    }
}

/// Between two leases only facts count: how old they may be is bounded by the lease itself, and this replica's own
/// connection to the other services must not end sessions that another replica keeps.
const fn fresh(now: Timestamp) -> Freshness {
    Freshness { identity_heard_at: now, certification_heard_at: now }
}

fn cut_all(
    session: LiveSession,
    streamers: &[StreamerId],
    now: Timestamp,
) -> Result<LiveSession, SessionRefusal> {
    streamers.iter().try_fold(session, |session, streamer| session.cut(streamer, now))
}

/// Whoever changed the session first has made news of it, and those are looked at in their turn.
fn settle(done: Result<(), StoreError>) -> Result<(), StoreError> {
    match done {
        Err(StoreError::Conflict) => Ok(()),
        done => done,
    }
}

fn impossible(refusal: &SessionRefusal) -> StoreError {
    StoreError::Damaged(refusal.to_string())
}
