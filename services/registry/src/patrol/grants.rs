//! Watches the grants: each is decided about again whenever something it rests on changes, and whenever time alone may
//! have changed it.
//!
//! It keeps no lease and hurries less than the patrol of live sessions, which it never holds up.

use super::{AGAIN, CHUNK, PAUSE, settle};
use crate::app::App;
use crate::wire::fact;
use crate::wire::grant::{Given, Happening, question};
use greenroom_domain::kernel::{GrantId, Timestamp};
use greenroom_domain::ledger::{StoreError, Write};
use greenroom_domain::registry::port::{Change, Kept, Store};
use greenroom_domain::registry::{Decision, Freshness, Grant, GrantState, LONGEST_VALIDITY, Outcome};
use greenroom_feed::log::HasLog;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The patrol of one replica over the grants.
pub struct GrantPatrol<S> {
    app: Arc<App<S>>,
    agenda: Agenda,
}

/// When each grant is to be looked at, whatever the news.
#[derive(Debug, Default)]
struct Agenda {
    by_time: BTreeSet<(Timestamp, GrantId)>,
    of: HashMap<GrantId, Timestamp>,
}

impl Agenda {
    fn set(&mut self, id: &GrantId, at: Option<Timestamp>) {
        let before = match at {
            Some(at) => self.of.insert(id.clone(), at),
            None => self.of.remove(id),
        };
        if let Some(before) = before {
            self.by_time.remove(&(before, id.clone()));
        }
        if let Some(at) = at {
            self.by_time.insert((at, id.clone()));
        }
    }

    fn next(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(at, _)| *at)
    }

    fn due(&self, now: Timestamp) -> impl Iterator<Item = GrantId> {
        self.by_time.iter().take_while(move |(at, _)| *at <= now).map(|(_, id)| id.clone())
    }
}

impl<S: Store + HasLog> GrantPatrol<S> {
    /// A patrol that has not begun.
    pub fn new(app: Arc<App<S>>) -> Self {
        Self { app, agenda: Agenda::default() }
    }

    /// Patrols until `shutdown`.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let memory = Arc::clone(&self.app.memory);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = memory.affected_grants().told() => {}
                () = self.next() => {}
            }
            let mut grants = memory.affected_grants().take();
            grants.extend(self.agenda.due(self.app.clock.now()));
            if let Err(error) = self.look_at(&grants).await {
                tracing::warn!(error = %error.whole(), "the patrol cannot reach the database; trying again");
                memory.affected_grants().add(grants);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Ends when the next grant is to be looked at.
    async fn next(&self) {
        match self.agenda.next() {
            Some(instant) => self.app.clock.sleep_until(instant).await,
            None => std::future::pending().await,
        }
    }

    async fn look_at(&mut self, grants: &BTreeSet<GrantId>) -> Result<(), StoreError> {
        let mut kept = Vec::new();
        for id in grants {
            let now = self.app.clock.now();
            let (flipped, again) = self.look(id, now);
            self.agenda.set(id, again);
            if !flipped {
                continue;
            }
            match self.change(id, now).await {
                Ok(change) => kept.extend(change),
                Err(StoreError::Damaged(what)) => {
                    tracing::error!(grant = %id, damage = %what, "a grant cannot be read; it is left alone");
                    self.agenda.set(id, None);
                }
                Err(outage) => {
                    self.commit(kept).await?;
                    return Err(outage);
                }
            }
            if kept.len() >= CHUNK {
                self.commit(std::mem::take(&mut kept)).await?;
            }
        }
        self.commit(kept).await
    }

    /// Whether a grant is to change, and when to look at it again; the memory alone tells.
    fn look(&self, id: &GrantId, now: Timestamp) -> (bool, Option<Timestamp>) {
        let Some(grant) = self.app.memory.world().grants.get(id).cloned() else { return (false, None) };
        // Only facts count, not how old they are: what may change with time is what they say of themselves.
        let ahead = Freshness::all_at(now.plus(LONGEST_VALIDITY));
        let Some(decision) = self.decide(&grant, &ahead, now) else { return (false, None) };
        let holds = decision.outcome == Outcome::Allow;
        let flipped = grant.is_over(now) || holds != (grant.state == GrantState::Granted);
        let again = decision.valid_until.min(grant.until.unwrap_or(decision.valid_until));
        // What changes is heard of in a moment, or somebody else has changed it.
        (flipped, Some(if flipped { now.plus(AGAIN) } else { again }))
    }

    /// Never on an earlier instant than the one the grant's state was decided at: the clocks of replicas differ, and one
    /// that is behind must not take back what another has seen.
    fn decide(&self, grant: &Grant, freshness: &Freshness, now: Timestamp) -> Option<Decision> {
        let now = now.max(grant.state_since);
        self.app.memory.world().decide(&grant.platform, &grant.streamer, &question(grant), freshness, now)
    }

    async fn change(&self, id: &GrantId, now: Timestamp) -> Result<Option<Kept>, StoreError> {
        let Some(read) = self.app.store.record(&id.name()).await? else { return Ok(None) };
        let before = Given::restore(&read)?;
        let state = before.grant.state;
        if state.is_final() {
            return Ok(None);
        }
        let now = now.max(before.grant.state_since);
        let made = self.decide(&before.grant, &Freshness::all_at(now), now);
        let (after, made) = match &made {
            _ if before.grant.is_over(now) => (before.grant.clone().expire(now), None),
            Some(made) => (before.grant.clone().decided(made, now), Some(made)),
            None => return Ok(None),
        };
        let after = after.map_err(|refusal| StoreError::Damaged(refusal.to_string()))?;
        let happening = match after.state {
            same if same == state => return Ok(None),
            GrantState::Granted => Happening::Resumed,
            GrantState::Suspended => Happening::Suspended,
            GrantState::Revoked => Happening::Revoked,
            GrantState::Expired => Happening::Expired,
        };
        let record = before.after(after, made, now).record(happening);
        Ok(Some(Kept { record, read_at: Some(read.version) }))
    }

    /// Commits changes together, or where that fails each by itself: one that cannot be made holds up no other.
    async fn commit(&self, kept: Vec<Kept>) -> Result<(), StoreError> {
        match self.write(kept.clone()).await {
            Err(StoreError::Unavailable(cause)) => Err(StoreError::Unavailable(cause)),
            Err(_) if kept.len() > 1 => {
                let mut outcome = Ok(());
                for one in kept {
                    let done = settle(self.write(vec![one]).await);
                    outcome = outcome.and(done);
                }
                outcome
            }
            done => settle(done),
        }
    }

    async fn write(&self, kept: Vec<Kept>) -> Result<(), StoreError> {
        if kept.is_empty() {
            return Ok(());
        }
        let events = kept.iter().map(|one| fact::record(&one.record)).collect();
        let write = Write::by_service("patrol", events, self.app.clock.now());
        self.app.store.commit(Change::Keep(kept), write).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_again_is_due_once() {
        let at = Timestamp::from_micros;
        let id = |text| GrantId::try_new(text).unwrap();
        let mut agenda = Agenda::default();
        agenda.set(&id("a"), Some(at(5)));
        agenda.set(&id("b"), Some(at(7)));
        agenda.set(&id("a"), Some(at(9)));
        assert_eq!(agenda.next(), Some(at(7)));
        assert_eq!(agenda.due(at(8)).collect::<Vec<_>>(), [id("b")]);
        agenda.set(&id("b"), None);
        assert_eq!(agenda.due(at(9)).collect::<Vec<_>>(), [id("a")]);
        agenda.set(&id("a"), Some(at(9)));
        assert_eq!(agenda.by_time.len(), 1);
    }
}
