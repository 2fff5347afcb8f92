//! One table of failures: who failed how often, and who waits until when. It reads no clock.

use greenroom_domain::kernel::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Duration;

/// The wait after the first failure beyond the allowance. Each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// How many failures are borne, and what comes after them.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Failures that cost nothing.
    pub allowance: u32,
    /// The longest wait.
    pub longest_wait: Duration,
    /// How long it takes to forget one failure. A wait does not count.
    pub recovery: Duration,
    /// The most keys remembered.
    pub capacity: usize,
}

impl Limit {
    /// How long to wait after so many failures.
    pub fn wait_after(&self, failures: u32) -> Duration {
        match failures.saturating_sub(self.allowance) {
            0 => Duration::ZERO,
            beyond => {
                let doubled = 1_u32.checked_shl(beyond - 1).unwrap_or(u32::MAX);
                FIRST_WAIT.saturating_mul(doubled).min(self.longest_wait)
            }
        }
    }

    /// The most failures that count: those that reach the longest wait. More would only make the recovery endless.
    fn most(&self) -> u32 {
        let steps = (1..=u32::BITS).find(|step| self.wait_after(self.allowance + step) >= self.longest_wait);
        self.allowance + steps.unwrap_or(u32::BITS)
    }
}

#[derive(Clone, Copy)]
struct Entry {
    /// As they stood at the last of them.
    failures: u32,
    /// The end of the wait, or the instant of the last failure if it brought none.
    until: Timestamp,
    /// From when on failures are forgotten.
    forgets_from: Timestamp,
    /// All failures since the key was last without any.
    total: u64,
    /// The longest wait that was told.
    told: Duration,
}

impl Entry {
    fn recovered_at(&self, limit: &Limit) -> Timestamp {
        self.forgets_from.plus(limit.recovery.saturating_mul(self.failures))
    }
}

/// What a failure led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// All failures of the key since it was last without any.
    pub total: u64,
    /// The wait, if it is longer than any before: worth telling once.
    pub new_step: Option<Duration>,
}

/// Remembers the failures of at most so many keys.
///
/// When it is full, whoever is nearest to having recovered is forgotten first: those who have, then those with the
/// fewest failures the longest ago. So a flood of new keys drives out itself, and not the keys that wait.
pub struct Limiter<K> {
    limit: Limit,
    entries: HashMap<K, Entry>,
    by_recovery: BTreeSet<(Timestamp, K)>,
}

impl<K: Copy + Ord + Hash> Limiter<K> {
    /// Nobody has failed.
    pub fn new(limit: Limit) -> Self {
        Self { limit, entries: HashMap::new(), by_recovery: BTreeSet::new() }
    }

    /// How long `key` has still to wait at `now`; zero if it need not. Asking changes no wait.
    pub fn wait(&mut self, key: &K, now: Timestamp) -> Duration {
        let Some(entry) = self.entries.get(key).copied() else { return Duration::ZERO };
        let (wait, longest) = (entry.until.since(now), self.limit.wait_after(entry.failures));
        if wait > longest {
            // The clock was set back; nobody waits longer for that.
            let until = now.plus(longest);
            self.put(*key, Entry { until, forgets_from: entry.forgets_from.min(until), ..entry });
        }
        wait.min(longest)
    }

    /// How many failures of `key` count at `now`.
    #[cfg(test)]
    pub fn failures(&self, key: &K, now: Timestamp) -> u32 {
        self.entries.get(key).map_or(0, |entry| self.remaining(entry, now).0)
    }

    /// The failures not yet forgotten, and the quiet time towards forgetting the next.
    fn remaining(&self, entry: &Entry, now: Timestamp) -> (u32, Duration) {
        // Until the end of the wait, the quiet time is what it was before the wait.
        let quiet = now.max(entry.until).since(entry.forgets_from).as_micros();
        let recovery = self.limit.recovery.as_micros().max(1);
        let forgotten = u32::try_from(quiet / recovery).unwrap_or(u32::MAX);
        let rest = Duration::from_micros(u64::try_from(quiet % recovery).unwrap_or_default());
        (entry.failures.saturating_sub(forgotten), rest)
    }

    /// Counts a failure of `key` at `now`.
    pub fn fail(&mut self, key: K, now: Timestamp) -> Failed {
        // Mends what a clock set back has left behind.
        self.wait(&key, now);
        let before = self.entries.get(&key).map(|entry| (*entry, self.remaining(entry, now)));
        let before = before.filter(|(_, (failures, _))| *failures > 0);
        let (failures, rest, total, told) = before
            .map_or((0, Duration::ZERO, 0, Duration::ZERO), |(entry, (failures, rest))| {
                (failures, rest, entry.total, entry.told)
            });
        let failures = failures.saturating_add(1).min(self.limit.most());
        let wait = self.limit.wait_after(failures);
        let until = now.plus(wait);
        let total = total.saturating_add(1);
        let entry = Entry { failures, until, forgets_from: until.minus(rest), total, told: told.max(wait) };
        if !self.entries.contains_key(&key) {
            self.make_room();
        }
        self.put(key, entry);
        Failed { total, new_step: (wait > told).then_some(wait) }
    }

    /// Forgets the failures of `key`.
    pub fn clear(&mut self, key: &K) {
        if let Some(entry) = self.entries.remove(key) {
            self.by_recovery.remove(&(entry.recovered_at(&self.limit), *key));
        }
    }

    /// How many keys are remembered.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    fn make_room(&mut self) {
        while self.entries.len() >= self.limit.capacity
            && let Some((_, key)) = self.by_recovery.pop_first()
        {
            self.entries.remove(&key);
        }
    }

    fn put(&mut self, key: K, entry: Entry) {
        self.clear(&key);
        self.by_recovery.insert((entry.recovered_at(&self.limit), key));
        self.entries.insert(key, entry);
    }
}
