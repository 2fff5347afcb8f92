//! Failed client authentications: counted, and limited for each claimed client and each address.
//!
//! Two tables. One counts by the client id as it was claimed, whether or not there is such a client: wrong **secrets**
//! wherever they came from, and wrong **assertions** for each address by itself. The other counts every failure by the
//! address it came from. After a small allowance each failure doubles a wait, up to a cap, and failures are forgotten with
//! time. Who waits is refused before anything is read or verified.
//!
//! Whoever has authenticated is remembered for a day together with the address it did so from, and waits no more for what
//! others do: neither for the failures from its address nor for those in its name elsewhere. It waits for failures in its own
//! name from its own address alone. So that nobody learns by that who authenticates from where, an attempt from an address
//! that some client is remembered at is looked at with the same work whoever it claims to be, and whatever does not hold is
//! answered as if it had been refused unseen. From an address without any such client, who waits is refused before anything
//! is read or verified.
//!
//! How a client fares whose id strangers guess at:
//! - If it has authenticated from its address within the day, it never notices.
//! - If not, and it proves itself by a **key** or a **certificate**, it never notices strangers at other addresses: neither
//!   can be guessed, so what they do there is counted there.
//! - If not, and it has a **secret**, it waits with the strangers, for no longer than the cap at a time: what is refused
//!   meanwhile adds nothing. After each wait the first to come is heard, and one success forgets all failures of the id.
//!   `RetryInfo` tells when that is.
//! - Whoever shares an **address** with strangers and has not authenticated from it waits with them, since a success forgets
//!   nothing of an address: else an attacker with one good client would go on for ever. A client that goes on trying with a key
//!   or a secret that counts no more is no such stranger: its own wait keeps it from closing the address to its neighbours.
//!
//! Each process counts and remembers by itself: with several replicas the allowances add up, and a client that moves to
//! another replica, or meets one that has begun anew, begins there as a stranger. Attempts that are verified at the same
//! instant are all heard, so that as many failures may pass a limit as the process has threads; each counts.

mod journal;
mod limiter;
mod origin;
#[cfg(test)]
mod properties;
mod remembered;

pub use journal::{Claimed, Wrong};
pub use origin::Origin;

use aws_lc_rs::{hmac, rand};
use greenroom_domain::kernel::{ClientId, Timestamp};
use journal::Journal;
use limiter::{Failed, Limit, Limiter};
use remembered::{Memory, Place, Remembered};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The limit of a claimed client id. A full recovery takes 17 minutes after the last wait.
const CLIENT: Limit = Limit {
    allowance: 10,
    longest_wait: Duration::from_mins(1),
    recovery: Duration::from_mins(1),
    capacity: 65_536,
};

/// The limit of an address. It forgets faster, because many may share it: a handful of clients with a stale secret or key,
/// each held to one attempt a minute by its own limit, never closes it to the others.
const ADDRESS: Limit = Limit {
    allowance: 50,
    longest_wait: Duration::from_mins(5),
    recovery: Duration::from_secs(10),
    capacity: 65_536,
};

/// The clients that are let in whatever others do.
const MEMORY: Memory = Memory { span: Duration::from_hours(24), capacity: 65_536 };

/// How much of a claimed client id is told apart, in bytes: several times what an id may have. Nobody buys our time with
/// more.
const LONGEST_CLAIM: usize = 256;

/// A claimed client id under the key of this process: the text may be anything, even a secret typed into the wrong field.
type ClientKey = [u8; 16];

/// What was done since the start of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Clients that proved who they are.
    pub succeeded: u64,
    /// Proofs that were looked at and did not hold.
    pub failed: u64,
    /// Attempts that were refused because their client id or address had to wait: unseen, or as if they were.
    pub refused: u64,
    /// Clients looked up in the database.
    pub lookups: u64,
    /// Secrets hashed and compared.
    pub comparisons: u64,
    /// Assertions verified.
    pub verifications: u64,
    /// Certificates of connections held against those that are accepted.
    pub certificates: u64,
}

/// A step of work on behalf of somebody not yet known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A client is looked up in the database.
    Lookup,
    /// A secret is hashed and compared.
    Comparison,
    /// An assertion is verified.
    Verification,
    /// The certificate of a connection is held against those that are accepted.
    Certificate,
}

/// One attempt: what it counts against.
#[derive(Clone, Copy)]
pub struct Attempt {
    client: Option<ClientKey>,
    /// The client at this address, by this kind of proof: counts while others keep the client or the address waiting.
    own: Option<ClientKey>,
    /// The client at this address, whatever it proves itself by.
    place: Option<Place>,
    origin: Origin,
}

/// How an attempt that need not wait is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// Like everybody's.
    Ordinary,
    /// Others keep it waiting, and it has authenticated from here: it is let in if the proof holds.
    Remembered {
        /// What is told if the proof does not hold.
        wait: Duration,
    },
    /// Others keep it waiting. It is looked at like one that is remembered, and refused whatever comes of it.
    ForShow {
        /// What is told.
        wait: Duration,
    },
}

/// The operating system gave no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no key could be generated to count failed authentications under")]
pub struct NoRandomness;

/// All failures this process remembers.
pub struct Attempts {
    key: hmac::Key,
    tables: Mutex<Tables>,
}

struct Tables {
    clients: Limiter<ClientKey>,
    origins: Limiter<Origin>,
    own: Limiter<ClientKey>,
    remembered: Remembered,
    journal: Journal,
    counts: Counts,
    /// As the log knows them.
    told: Counts,
}

impl Attempts {
    /// Begins with none, under a random key.
    pub fn begin() -> Result<Self, NoRandomness> {
        let mut key = [0; 32];
        rand::fill(&mut key).map_err(|_| NoRandomness)?;
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &key),
            tables: Mutex::new(Tables {
                clients: Limiter::new(CLIENT),
                origins: Limiter::new(ADDRESS),
                own: Limiter::new(CLIENT),
                remembered: Remembered::new(MEMORY),
                journal: Journal::default(),
                counts: Counts::default(),
                told: Counts::default(),
            }),
        })
    }

    /// An attempt by secret: counts against the claimed client, wherever it comes from, and the address.
    pub fn by_secret(&self, claimed: &str, origin: Origin) -> Attempt {
        let text = claimed.as_bytes();
        let text = text.get(..LONGEST_CLAIM).unwrap_or(text);
        let from = origin.to_string();
        Attempt {
            client: Some(self.client_key(&[b"secret", text])),
            own: Some(self.client_key(&[b"own secret", from.as_bytes(), text])),
            place: Some((origin, self.client_key(&[b"place", text]))),
            origin,
        }
    }

    /// An attempt by a signed assertion or by the certificate of the connection: counts against the client it names at
    /// this address, and the address.
    pub fn by_key(&self, claimed: Option<&ClientId>, origin: Origin) -> Attempt {
        let from = origin.to_string();
        let key =
            |kind: &[u8], id: &ClientId| self.client_key(&[kind, from.as_bytes(), id.as_str().as_bytes()]);
        Attempt {
            client: claimed.map(|id| key(b"key", id)),
            own: claimed.map(|id| key(b"own key", id)),
            place: claimed.map(|id| (origin, self.client_key(&[b"place", id.as_str().as_bytes()]))),
            origin,
        }
    }

    /// The parts go in behind one another with a mark between them that only the last may contain.
    fn client_key(&self, parts: &[&[u8]]) -> ClientKey {
        let tag = hmac::sign(&self.key, &parts.join(&0));
        let mut client = [0; 16];
        client.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        client
    }

    /// Refuses an attempt that has to wait, with how long; or tells how it is heard.
    pub fn admit(&self, attempt: &Attempt, now: Timestamp) -> Result<Hearing, Duration> {
        let mut tables = self.tables();
        let client = attempt.client.map_or(Duration::ZERO, |client| tables.clients.wait(&client, now));
        let wait = client.max(tables.origins.wait(&attempt.origin, now));
        if wait.is_zero() {
            return Ok(Hearing::Ordinary);
        }
        tables.remembered.pass(now);
        if let (Some(own), Some(place)) = (attempt.own, attempt.place)
            && tables.remembered.knows_any_at(&attempt.origin)
            && tables.own.wait(&own, now).is_zero()
        {
            let known = tables.remembered.knows(&place);
            return Ok(if known { Hearing::Remembered { wait } } else { Hearing::ForShow { wait } });
        }
        tables.counts.refused += 1;
        Err(wait)
    }

    /// Counts an attempt that did not hold, and gives the wait that is told instead of that, if one is. Tells the log of it, and
    /// once for every step of a wait.
    pub fn failed(
        &self,
        attempt: &Attempt,
        hearing: Hearing,
        (claimed, wrong): (Claimed<'_>, &Wrong),
        now: Timestamp,
    ) -> Option<Duration> {
        let mut tables = self.tables();
        let turn = tables.journal.turn(now);
        let told = match hearing {
            Hearing::Ordinary => {
                tables.counts.failed += 1;
                let client = attempt.client.map(|client| tables.clients.fail(client, now));
                let origin = tables.origins.fail(attempt.origin, now);
                let counts = tables.counts;
                drop(tables);
                if let Some(failed) = client {
                    tell("client", failed, claimed, attempt.origin, counts);
                }
                tell("address", origin, claimed, attempt.origin, counts);
                None
            }
            Hearing::Remembered { wait } | Hearing::ForShow { wait } => {
                tables.refuse(attempt, now);
                drop(tables);
                Some(wait)
            }
        };
        if let Some(kept_back) = turn {
            journal::tell(claimed, wrong, attempt.origin, kept_back);
        }
        told
    }

    /// Counts an attempt that held, unless it has to wait all the same. A proof that is right forgets the wrong ones and is
    /// remembered; the address keeps its failures.
    pub fn succeeded(&self, attempt: &Attempt, hearing: Hearing, now: Timestamp) -> Result<(), Duration> {
        let mut tables = self.tables();
        if let Hearing::ForShow { wait } = hearing {
            tables.refuse(attempt, now);
            return Err(wait);
        }
        tables.counts.succeeded += 1;
        if let Some(client) = &attempt.client {
            tables.clients.clear(client);
        }
        if let Some(own) = &attempt.own {
            tables.own.clear(own);
        }
        if let Some(place) = attempt.place {
            tables.remembered.put(place, now);
        }
        Ok(())
    }

    /// Counts a step of work.
    pub fn note(&self, work: Work) {
        let counts = &mut self.tables().counts;
        match work {
            Work::Lookup => counts.lookups += 1,
            Work::Comparison => counts.comparisons += 1,
            Work::Verification => counts.verifications += 1,
            Work::Certificate => counts.certificates += 1,
        }
    }

    /// What was done since the start.
    #[cfg(test)]
    pub fn counts(&self) -> Counts {
        self.tables().counts
    }

    /// Tells the log what was done since the start, if more has failed since it was last told.
    pub fn tell_counts(&self) {
        let mut tables = self.tables();
        let counts = tables.counts;
        let told = std::mem::replace(&mut tables.told, counts);
        let (clients, addresses) = (tables.clients.len(), tables.origins.len());
        let places = tables.remembered.len();
        drop(tables);
        if (told.failed, told.refused) == (counts.failed, counts.refused) {
            return;
        }
        tracing::info!(
            counts.succeeded,
            counts.failed,
            counts.refused,
            counts.lookups,
            counts.comparisons,
            counts.verifications,
            counts.certificates,
            remembered.clients = clients,
            remembered.addresses = addresses,
            remembered.successes = places,
            "client authentications since the start"
        );
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// Counts an attempt that was looked at while it had to wait.
    fn refuse(&mut self, attempt: &Attempt, now: Timestamp) {
        self.counts.refused += 1;
        if let Some(own) = attempt.own {
            self.own.fail(own, now);
        }
    }
}

fn tell(limit: &'static str, failed: Failed, claimed: Claimed<'_>, origin: Origin, counts: Counts) {
    let Some(wait) = failed.new_step else { return };
    tracing::warn!(
        limit,
        client.id = claimed.known(),
        peer.origin = %origin,
        wait_seconds = wait.as_secs(),
        failures = failed.total,
        all_failures = counts.failed,
        all_refused = counts.refused,
        "client authentications keep failing; further ones have to wait"
    );
}
