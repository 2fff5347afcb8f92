//! The registry's memory: answers without a query.
//!
//! Loaded from the tables at start, then kept up to date by the registry's own event log, so that any number of
//! replicas on one database know the same.

mod concern;
mod conditions;
pub mod conduct;
pub mod grants;
mod load;
#[cfg(test)]
mod model;
pub mod operators;
pub mod sessions;
pub mod tidings;
pub mod world;

use crate::wire::news::of_event;
use greenroom_auth::TokenGate;
use greenroom_domain::kernel::{GrantId, LiveSessionId, Timestamp};
use greenroom_domain::ledger::{Position, StoreError};
use greenroom_domain::registry::CallerName;
use greenroom_feed::cursor::Revision;
use greenroom_feed::event::Event;
use greenroom_feed::log::EventLog;
use greenroom_feed::tail::{Now, Pace, Tail};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;
use tidings::Tidings;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use world::{Effects, World};

pub use load::load;

/// How long to wait before the log is read again after it could not be.
const PAUSE: Duration = Duration::from_millis(500);

/// How many sessions or grants are looked through at once when an issuer's standing or a policy changes.
const PIECE: usize = 256;

/// How often the memory notes that it is up to date: as often as its tail looks into the log anyway.
fn pace() -> Pace {
    let pace = Pace::default();
    Pace { heartbeat: pace.look, ..pace }
}

/// How far the memory is.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The place in the registry's own log.
    pub position: Position,
    /// That, and how far the feeds of the other services had been applied there.
    pub revision: Revision,
    /// The same as text.
    pub text: Arc<str>,
    sources: BTreeMap<String, Position>,
}

impl Applied {
    fn of(position: Position, world: &World) -> Self {
        let sources = world.sources().clone();
        let revision = sources.values().fold(Revision::at(&position), Revision::and);
        Self { position, text: revision.encode().into(), revision, sources }
    }
}

/// What is to be looked at again. It gathers while the patrol is busy.
#[derive(Debug)]
pub struct Affected<I> {
    ids: Mutex<BTreeSet<I>>,
    told: Notify,
}

impl<I> Default for Affected<I> {
    fn default() -> Self {
        Self { ids: Mutex::default(), told: Notify::default() }
    }
}

impl<I: Ord> Affected<I> {
    /// Adds some.
    pub fn add(&self, ids: BTreeSet<I>) {
        if !ids.is_empty() {
            self.ids.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
            self.told.notify_one();
        }
    }

    /// Takes all there are.
    pub fn take(&self) -> BTreeSet<I> {
        std::mem::take(&mut self.ids.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Ends when there are some.
    pub async fn told(&self) {
        self.told.notified().await;
    }
}

/// What the registry knows, shared by all calls.
pub struct Memory {
    world: RwLock<World>,
    applied: watch::Sender<Applied>,
    heard: watch::Sender<Option<Timestamp>>,
    gate: Arc<TokenGate>,
    affected: Affected<LiveSessionId>,
    grants: Affected<GrantId>,
    tidings: Tidings,
}

impl Memory {
    fn new(world: World, position: Position, gate: Arc<TokenGate>) -> Self {
        let tidings = Tidings::behind(position.sequence);
        let applied = watch::Sender::new(Applied::of(position, &world));
        let heard = watch::Sender::new(None);
        let (affected, grants) = (Affected::default(), Affected::default());
        Self { world: RwLock::new(world), applied, heard, gate, affected, grants, tidings }
    }

    /// What is known now. Held for the length of one decision, never across an await.
    pub fn world(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the memory is. Read it before the world: what it names is then surely in there.
    pub fn applied(&self) -> Applied {
        self.applied.borrow().clone()
    }

    /// Up to when the registry's own log is known to be applied. `None` until the memory first caught up with it.
    pub fn heard(&self) -> Option<Timestamp> {
        *self.heard.borrow()
    }

    /// Waits until the memory first caught up with the log.
    pub async fn caught_up(&self) {
        // The sender lives as long as the memory, so this cannot fail.
        drop(self.heard.subscribe().wait_for(Option::is_some).await);
    }

    /// The sessions to look at again.
    pub fn affected(&self) -> &Affected<LiveSessionId> {
        &self.affected
    }

    /// The grants to look at again.
    pub fn affected_grants(&self) -> &Affected<GrantId> {
        &self.grants
    }

    /// What watchers are told.
    pub fn tidings(&self) -> &Tidings {
        &self.tidings
    }

    /// Tells of everything that is applied from now on.
    pub fn changes(&self) -> watch::Receiver<Applied> {
        self.applied.subscribe()
    }

    /// Waits until everything a revision names is known. Tells whether that was so by the deadline.
    pub async fn reaches(&self, wanted: &Revision, deadline: Instant) -> bool {
        let mut applied = self.applied.subscribe();
        let waiting = applied.wait_for(|applied| applied.revision.covers(wanted));
        tokio::time::timeout_at(deadline, waiting).await.is_ok_and(|reached| reached.is_ok())
    }

    /// Waits until the feed of another service is known up to a place.
    pub async fn follows(&self, source: &str, to: &Position) {
        let mut applied = self.applied.subscribe();
        let reached = applied.wait_for(|applied| {
            let known = applied.sources.get(source);
            to.sequence == 0
                || known.is_some_and(|at| at.database == to.database && at.sequence >= to.sequence)
        });
        // The sender lives as long as the memory, so this cannot fail.
        drop(reached.await);
    }

    /// Applies events in their order.
    pub fn apply(&self, events: &[Event]) -> Result<(), StoreError> {
        let Some(last) = events.last() else { return Ok(()) };
        // Read all of them first: a batch is applied as a whole or not at all.
        let news = events.iter().filter_map(|event| of_event(event).transpose());
        let news = news.collect::<Result<Vec<_>, _>>()?;
        let told = tidings::of_events(events)?;
        let mut effects = Effects::default();
        let position = Position { sequence: last.sequence, ..self.applied().position };
        let applied = {
            let mut world = self.world.write().unwrap_or_else(PoisonError::into_inner);
            for news in news {
                world.apply(news, &mut effects);
            }
            Applied::of(position, &world)
        };
        refuse(&self.gate, &effects);
        // Those who wait and those who watch first: what has to be looked at may be much.
        self.applied.send_replace(applied);
        self.tidings.add(told, last.sequence);
        self.set_going(effects);
        Ok(())
    }

    /// Has the patrols look at what news may have changed. What an issuer or a policy concerns is looked up here: checks and
    /// renewals are answered between one piece and the next.
    fn set_going(&self, effects: Effects) {
        self.affected.add(effects.affected);
        self.grants.add(effects.grants);
        let (issuers, platforms) = (&effects.issuers, &effects.platforms);
        let mut after = None;
        while !issuers.is_empty() {
            let (concerned, last) = self.world().concerned(issuers, after.as_ref(), PIECE);
            self.affected.add(concerned.into_iter().collect());
            if last.is_none() {
                break;
            }
            after = last;
        }
        let mut after = None;
        while !(issuers.is_empty() && platforms.is_empty()) {
            let (concerned, last) =
                self.world().concerned_grants((issuers, platforms), after.as_ref(), PIECE);
            self.grants.add(concerned.into_iter().collect());
            if last.is_none() {
                break;
            }
            after = last;
        }
    }

    /// Keeps up with the log for as long as it is polled.
    pub async fn keep_up<L: EventLog>(&self, log: &L, now: Now) {
        loop {
            let after = self.applied().position.sequence;
            let mut tail = Tail::new(log.clone(), after, Arc::clone(&now), pace());
            let error = loop {
                let step = match tail.next().await {
                    Ok(step) => step,
                    Err(error) => break error,
                };
                if let Err(error) = self.apply(&step.events) {
                    break error;
                }
                if let Some(current) = step.current {
                    self.heard.send_replace(Some(current));
                    self.tidings.heard(current);
                }
            };
            tracing::error!(error = %error, "the memory cannot read its own log; answers stay as they are and grow stale");
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Makes the gate refuse the tokens of revoked callers, and revoked tokens.
fn refuse(gate: &TokenGate, effects: &Effects) {
    for standing in &effects.callers {
        let instant = standing.tokens_valid_from;
        match &standing.caller {
            CallerName::Client(client) => gate.revoke_client(client, instant),
            CallerName::Organization(organization) => {
                gate.revoke_organization(organization, instant, standing.version);
            }
        }
    }
    for token in &effects.tokens {
        gate.revoke_token(token.token_id.as_str(), token.expires_at);
    }
}
