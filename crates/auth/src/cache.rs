//! Tokens verified lately, so that a client that calls a hundred times a second is verified once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use greenroom_domain::kernel::Timestamp;

use crate::access_token::Verified;
use crate::algorithm::sha256;
use crate::jws::MAX_TOKEN_BYTES;

/// Parts with a lock each, so that callers seldom wait for one another.
const SHARDS: usize = 16;

/// The hash of a whole token. The cache holds no token: whoever reads its memory cannot call with what is there.
type TokenHash = [u8; 32];

type Generation = HashMap<TokenHash, Arc<Verified>>;

/// Maps whole tokens to what was verified of them.
///
/// Only a [`Verified`] can be put in, so failures never are, and a made-up token leaves no trace. An entry is not
/// returned at or after the token's `exp`. Bounded: each shard keeps two generations and drops the elder one when the
/// younger is full; what was used in the meantime has moved to the younger.
#[derive(Debug)]
pub(crate) struct VerifiedTokens {
    shards: Vec<Mutex<Shard>>,
    generation_size: usize,
}

#[derive(Debug, Default)]
struct Shard {
    young: Generation,
    old: Generation,
}

impl VerifiedTokens {
    /// A cache of at most `capacity` tokens, rounded up to two in each shard.
    pub(crate) fn new(capacity: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, generation_size: (capacity / SHARDS / 2).max(1) }
    }

    /// What was verified of `token`, unless that is forgotten or over.
    pub(crate) fn get(&self, token: &str, now: Timestamp) -> Option<Arc<Verified>> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let hash = sha256(token.as_bytes());
        let mut shard = self.shard(&hash)?;
        let alive = |verified: &Arc<Verified>| now < verified.claims().expire_time;
        if let Some(verified) = shard.young.get(&hash) {
            return Some(verified).filter(|verified| alive(verified)).cloned();
        }
        let verified = shard.old.remove(&hash).filter(alive)?;
        shard.insert(hash, Arc::clone(&verified), self.generation_size);
        Some(verified)
    }

    /// Remembers what was verified of `token`.
    pub(crate) fn insert(&self, token: &str, verified: Arc<Verified>) {
        let hash = sha256(token.as_bytes());
        if let Some(mut shard) = self.shard(&hash) {
            shard.insert(hash, verified, self.generation_size);
        }
    }

    /// Forgets every entry that `stale` picks. Looks at all of them: for rare events only.
    pub(crate) fn forget(&self, stale: impl Fn(&Verified) -> bool) {
        for shard in &self.shards {
            let mut shard = lock(shard);
            shard.young.retain(|_, verified| !stale(verified));
            shard.old.retain(|_, verified| !stale(verified));
        }
    }

    /// How many entries there are.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(lock).map(|shard| shard.young.len() + shard.old.len()).sum()
    }

    fn shard(&self, hash: &TokenHash) -> Option<MutexGuard<'_, Shard>> {
        let [first, ..] = hash;
        self.shards.get(usize::from(*first) % SHARDS).map(lock)
    }
}

impl Shard {
    fn insert(&mut self, hash: TokenHash, verified: Arc<Verified>, generation_size: usize) {
        if self.young.len() >= generation_size && !self.young.contains_key(&hash) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, verified);
    }
}

/// A thread that panicked while it held the lock left whole entries: each change is one call on a map.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
