//! Watches the live sessions on air: cuts whoever may no longer sell, the moment that is known, keeps leases running for
//! the others, and ends them at their instant.
//!
//! Every replica patrols. Whoever commits first wins; the fence tells the others that there is nothing left to do.

pub mod grants;
#[cfg(test)]
mod partitions;
mod step;

use crate::app::App;
use greenroom_domain::kernel::{LiveSessionId, Timestamp};
use greenroom_domain::ledger::{StoreError, Write};
use greenroom_domain::registry::port::{Change, Store};
use greenroom_feed::log::HasLog;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use step::{Judge, Look, Step};
use tokio_util::sync::CancellationToken;

/// How many sessions one transaction changes: an issuer struck off may concern thousands.
const CHUNK: usize = 64;

/// How long to wait before trying again when the database does not answer.
const PAUSE: Duration = Duration::from_millis(200);

/// How long before a lease ends it is looked at whether it can run on: the platform has to hear of that in time.
const AHEAD: Duration = Duration::from_secs(1);

/// How soon a session is looked at again that waits for news, or whose change this replica has yet to hear of.
const AGAIN: Duration = Duration::from_secs(1);

/// The patrol of one replica.
pub struct Patrol<S> {
    app: Arc<App<S>>,
    /// Sessions whose leases were looked at near their ends: the fence they were known by then, and when to look again;
    /// `None` for not before something changes.
    looked_at: HashMap<LiveSessionId, (i64, Option<Timestamp>)>,
}

impl<S: Store + HasLog> Patrol<S> {
    /// A patrol that has not begun.
    pub fn new(app: Arc<App<S>>) -> Self {
        Self { app, looked_at: HashMap::new() }
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
            sessions.extend(self.due());
            if let Err(error) = self.look_at(&sessions).await {
                tracing::warn!(error = %error.whole(), "the patrol cannot reach the database; trying again");
                memory.affected().add(sessions);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Ends when the next lease is to be looked at.
    async fn next_end(&mut self) {
        let next = {
            let world = self.app.memory.world();
            self.looked_at
                .retain(|id, (fence, _)| world.sessions.get(id).is_some_and(|on_air| on_air.fence == *fence));
            let new = world.sessions.ends().find(|(_, id, _)| !self.looked_at.contains_key(*id));
            let again = self.looked_at.values().filter_map(|(_, again)| *again).min();
            new.map(|(end, _, _)| end.minus(AHEAD)).into_iter().chain(again).min()
        };
        match next {
            Some(instant) => self.app.clock.sleep_until(instant).await,
            None => std::future::pending().await,
        }
    }

    /// The sessions whose leases are to be looked at now.
    fn due(&self) -> Vec<LiveSessionId> {
        let now = self.app.clock.now();
        let world = self.app.memory.world();
        let near = world.sessions.ends().take_while(|(end, _, _)| end.minus(AHEAD) <= now);
        let due = near.filter(|(_, id, fence)| match self.looked_at.get(*id) {
            Some((seen, again)) if seen == fence => again.is_some_and(|again| again <= now),
            _ => true,
        });
        due.map(|(_, id, _)| id.clone()).collect()
    }

    async fn look_at(&mut self, sessions: &BTreeSet<LiveSessionId>) -> Result<(), StoreError> {
        let now = self.app.clock.now();
        let mut steps = Vec::new();
        for id in sessions {
            let Some(fence) = self.concerned(id, now) else { continue };
            let look = match self.look(id, now).await {
                Ok(look) => look,
                // Its lease ends by itself at the platform; the others still have to be looked after.
                Err(StoreError::Damaged(what)) => {
                    tracing::error!(session = %id, damage = %what, "a live session cannot be read; it is left alone");
                    Look::default()
                }
                Err(outage) => {
                    self.commit(&steps, now).await?;
                    return Err(outage);
                }
            };
            self.looked_at.insert(id.clone(), (fence, look.again));
            steps.extend(look.step);
            if steps.len() >= CHUNK {
                self.commit(&std::mem::take(&mut steps), now).await?;
            }
        }
        self.commit(&steps, now).await
    }

    /// The fence of a session that has to be looked at.
    fn concerned(&self, id: &LiveSessionId, now: Timestamp) -> Option<i64> {
        let (world, freshness) = (self.app.memory.world(), self.app.freshness());
        let on_air = world.sessions.get(id)?;
        let judge = Judge { world: &world, freshness: &freshness, now };
        judge.concerns(on_air).then_some(on_air.fence)
    }

    async fn look(&self, id: &LiveSessionId, now: Timestamp) -> Result<Look, StoreError> {
        match self.app.store.session(id).await? {
            Some(record) => {
                let (world, freshness) = (self.app.memory.world(), self.app.freshness());
                Judge { world: &world, freshness: &freshness, now }.step(&record)
            }
            None => Ok(Look::default()),
        }
    }

    /// Commits steps together, or where that fails each by itself: one that cannot be taken holds up no other.
    async fn commit(&self, steps: &[Step], now: Timestamp) -> Result<(), StoreError> {
        match self.write(steps, now).await {
            Err(StoreError::Unavailable(cause)) => Err(StoreError::Unavailable(cause)),
            Err(_) if steps.len() > 1 => {
                let mut outcome = Ok(());
                for step in steps {
                    let done = settle(self.write(std::slice::from_ref(step), now).await);
                    outcome = outcome.and(done);
                }
                outcome
            }
            done => settle(done),
        }
    }

    async fn write(&self, steps: &[Step], now: Timestamp) -> Result<(), StoreError> {
        if steps.is_empty() {
            return Ok(());
        }
        let sessions = steps.iter().map(|step| (step.record.clone(), step.fence)).collect();
        let events = steps.iter().flat_map(|step| step.events.clone()).collect();
        let write = Write::by_service("patrol", events, now);
        self.app.store.commit(Change::SaveSessions(sessions), write).await.map(|_| ())
    }
}

/// Whoever changed the session first has made news of it, and those are looked at in their turn.
fn settle(done: Result<(), StoreError>) -> Result<(), StoreError> {
    match done {
        Err(StoreError::Conflict) => Ok(()),
        done => done,
    }
}
