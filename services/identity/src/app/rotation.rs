//! Changing the key that signs access tokens.

use super::{App, Database};
use crate::error::Error;
use crate::signing::{is_published, make_key};
use crate::wire;
use greenroom_auth::{LEEWAY, MAX_TOKEN_LIFETIME, RefreshRules};
use greenroom_domain::identity::port::{Change, SigningKeyRecord};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{Actor, EventDraft};
use greenroom_proto::identity::v1::RotateSigningKeyResponse;
use greenroom_rpc::once::{Done, Once, Planned};
use std::time::Duration;

/// How far the clocks of those who keep the key set may be behind.
const CLOCKS: Duration = Duration::from_mins(1);

/// How fast one signing key follows another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The next is published before it signs, and the present one until its last token has ended.
    PublishFirst,
    /// The present keys are given up at once.
    Compromised,
}

/// The keys after a rotation, and what makes them so.
struct Plan {
    /// The key that signs next.
    next: SigningKeyRecord,
    /// All that are published.
    keys: Vec<SigningKeyRecord>,
    changes: Vec<Change>,
    events: Vec<EventDraft>,
}

impl<S: Database> App<S> {
    /// Makes the next signing key. While one is published that has not begun to sign, that is the answer, unless the keys
    /// are compromised.
    pub async fn rotate_signing_key(
        &self,
        once: &Once,
        rotation: Rotation,
    ) -> Result<Done<RotateSigningKeyResponse>, Error> {
        let now = once.now();
        let active_from = match rotation {
            Rotation::PublishFirst => now.plus(self.rules.signing.lead()),
            Rotation::Compromised => now,
        };
        let made = make_key(&self.vault, self.rules.signing.algorithm, active_from)?;
        let plan = async || {
            let mut records = self.store.signing_keys().await?;
            records.retain(|record| is_published(record, now));
            let Plan { next, keys, changes, events } = match rotation {
                Rotation::PublishFirst => publish_first(records, made.clone(), now),
                Rotation::Compromised => give_up(records, made.clone(), now),
            };
            let answer = RotateSigningKeyResponse {
                next_key: Some(wire::signing_key(&next)?),
                keys: wire::signing_keys(&keys)?,
                revision: String::new(),
            };
            Ok::<_, Error>(Planned { change: changes, events, answer })
        };
        let commit = |change, write| self.store.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        if done.position.is_some() {
            self.reload_keys().await?;
        }
        Ok(done)
    }

    /// Makes the next signing key if the newest has signed for as long as it may. Of several replicas that see it at once
    /// the first makes it, and the others find it made.
    pub async fn rotate_on_schedule(&self) -> Result<(), Error> {
        let Some(changed_after) = self.rules.signing.changed_after else { return Ok(()) };
        let now = self.clock.now();
        let newest = self.store.signing_keys().await?.iter().map(|record| record.active_from).max();
        if newest.is_none_or(|newest| now < newest.plus(changed_after)) {
            return Ok(());
        }
        let once = Once::by(Actor::default(), "schedule", &self.clock);
        self.rotate_signing_key(&once, Rotation::PublishFirst).await?;
        tracing::info!("the next signing key is published");
        Ok(())
    }
}

impl super::SigningRules {
    /// How long before its first token a key is published: as long as anybody may keep the key set, by the rules of HTTP
    /// caches or by those of the suite's own services, and a minute for the clocks.
    pub fn lead(&self) -> Duration {
        (self.cached_for + CLOCKS).max(RefreshRules::default().publish_ahead())
    }
}

/// Of `present`, the one that signs stays published until its last token has ended.
fn publish_first(present: Vec<SigningKeyRecord>, made: SigningKeyRecord, now: Timestamp) -> Plan {
    if let Some(pending) = present.iter().find(|record| now < record.active_from) {
        return Plan { next: pending.clone(), keys: present, changes: Vec::new(), events: Vec::new() };
    }
    let retired_from = made.active_from.plus(MAX_TOKEN_LIFETIME).plus(LEEWAY);
    let (mut changes, mut events, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    for record in present {
        if record.retired_from.is_none() {
            let (change, retired) = retire(record, retired_from);
            changes.push(change);
            events.push(wire::signing_key_event(&retired));
            keys.push(retired);
        } else {
            keys.push(record);
        }
    }
    with_new(Plan { next: made, keys, changes, events })
}

/// None of `present` is published from `now` on.
fn give_up(present: Vec<SigningKeyRecord>, made: SigningKeyRecord, now: Timestamp) -> Plan {
    let (changes, events) = present
        .into_iter()
        .map(|record| {
            let (change, retired) = retire(record, now);
            (change, wire::signing_key_event(&retired))
        })
        .unzip();
    with_new(Plan { next: made, keys: Vec::new(), changes, events })
}

fn with_new(mut plan: Plan) -> Plan {
    // Behind the keys that retire: the end of a key is the condition that lets only the first of several replicas through.
    plan.changes.push(Change::AddSigningKey(plan.next.clone()));
    plan.events.push(wire::signing_key_event(&plan.next));
    plan.keys.push(plan.next.clone());
    plan
}

fn retire(record: SigningKeyRecord, retired_from: Timestamp) -> (Change, SigningKeyRecord) {
    let (key_id, read) = (record.key_id.clone(), record.retired_from);
    let change = Change::RetireSigningKey { key_id, read, retired_from };
    (change, SigningKeyRecord { retired_from: Some(retired_from), ..record })
}

#[cfg(test)]
mod tests;
