//! Walks the hash chain from the first event to the head, and holds tables against what the events say.

use crate::event::{Event, GENESIS, Hash, sha256};
use crate::log::EventLog;
use crate::tail::BATCH;
use greenroom_domain::ledger::{EventDraft, StoreError};
use std::collections::HashMap;

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// How many events were walked.
    pub events: i64,
    /// The first thing that is wrong, if anything is.
    pub fault: Option<ChainFault>,
}

/// Where the chain breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// An event is not there.
    #[error("event {expected} is missing; the next one is {found}")]
    Missing {
        /// The number that should come next.
        expected: i64,
        /// The number that comes next.
        found: i64,
    },
    /// An event is not what was written, or an earlier one is not.
    #[error("event {sequence} about `{subject}` is not what was written")]
    Changed {
        /// Its number.
        sequence: i64,
        /// What it is about.
        subject: String,
    },
    /// The head row and the last event disagree.
    #[error("the head says {head} events, the log has {found}, or their hashes differ")]
    HeadDiffers {
        /// The number in the head row.
        head: i64,
        /// The number of the last event.
        found: i64,
    },
}

/// Walks the chain and shows each event to `visit` on the way. Stops at the first fault.
///
/// The head is read first: events committed during the walk are left for the next one.
pub async fn walk<L: EventLog>(log: &L, mut visit: impl FnMut(&Event)) -> Result<Walk, StoreError> {
    let (head, head_chain) = log.head_chain().await?;
    let mut previous = GENESIS.to_vec();
    let mut through = 0;
    while through < head.sequence {
        let events = log.read_after(through, BATCH.min(head.sequence - through)).await?;
        if events.is_empty() {
            break;
        }
        for event in events {
            if let Some(fault) = fault_of(&event, through, &previous) {
                return Ok(Walk { events: through, fault: Some(fault) });
            }
            visit(&event);
            through = event.sequence;
            previous = event.chain;
        }
    }
    let complete = through == head.sequence && previous == head_chain;
    let fault = (!complete).then_some(ChainFault::HeadDiffers { head: head.sequence, found: through });
    Ok(Walk { events: through, fault })
}

fn fault_of(event: &Event, through: i64, previous: &[u8]) -> Option<ChainFault> {
    if event.sequence != through + 1 {
        return Some(ChainFault::Missing { expected: through + 1, found: event.sequence });
    }
    if event.expected_chain(previous).as_slice() != event.chain.as_slice() {
        return Some(ChainFault::Changed { sequence: event.sequence, subject: event.subject.clone() });
    }
    None
}

/// What was found in one database. Nothing is wrong if there is no fault and the lists are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many events were walked.
    pub events: i64,
    /// How many rows were held against the log.
    pub subjects: usize,
    /// Where the chain breaks, if it does.
    pub chain_fault: Option<ChainFault>,
    /// Subjects whose rows say something else than their last event, or cannot be read.
    pub differing: Vec<String>,
    /// Subjects of the log that no row is about.
    pub missing: Vec<String>,
    /// Subjects of rows that the log does not know.
    pub extra: Vec<String>,
}

impl Report {
    /// Whether everything is as it was written.
    pub fn is_clean(&self) -> bool {
        self.chain_fault.is_none()
            && self.differing.is_empty()
            && self.missing.is_empty()
            && self.extra.is_empty()
    }
}

/// The fold of a log: what the last event about each subject says. The tables are held against it, row by row.
///
/// For a database nobody writes to at the time, such as a restored backup: what is committed meanwhile differs.
#[derive(Debug)]
pub struct Fold {
    told: HashMap<String, Told>,
    /// What was told of a subject before, where that is kept, by the subject and which of its events it was.
    before: HashMap<(String, i64), Hash>,
    report: Report,
}

/// What the last event about a subject says, and which of its events that is, counted from 1.
#[derive(Debug)]
struct Told {
    digest: Hash,
    version: i64,
}

impl Fold {
    /// Walks the chain and keeps a digest of each subject's last fact. `payload` may leave out of an event what its row
    /// does not keep.
    pub async fn of<L: EventLog>(
        log: &L,
        payload: impl FnMut(&Event) -> Vec<u8>,
    ) -> Result<Self, StoreError> {
        Self::with_history(log, payload, |_| false).await
    }

    /// The same, and digests of the earlier facts of subjects whose tables keep what they were: where `is_kept` says so of an
    /// event, a row is expected of every one before the last, by [`Fold::hold_before`].
    pub async fn with_history<L: EventLog>(
        log: &L,
        mut payload: impl FnMut(&Event) -> Vec<u8>,
        is_kept: impl Fn(&Event) -> bool,
    ) -> Result<Self, StoreError> {
        let mut told: HashMap<String, Told> = HashMap::new();
        let mut before = HashMap::new();
        let walked = walk(log, |event| {
            let digest = sha256(&payload(event));
            match told.get_mut(&event.subject) {
                None => {
                    told.insert(event.subject.clone(), Told { digest, version: 1 });
                }
                Some(last) => {
                    if is_kept(event) {
                        before.insert((event.subject.clone(), last.version), last.digest);
                    }
                    *last = Told { digest, version: last.version + 1 };
                }
            }
        })
        .await?;
        let report = Report { events: walked.events, chain_fault: walked.fault, ..Report::default() };
        Ok(Self { told, before, report })
    }

    /// Holds a row that keeps an earlier version of its subject, as the event it would make, against that event: the first
    /// one about the subject told version 1, and each one the next.
    pub fn hold_before(&mut self, row: EventDraft, version: i64) {
        self.report.subjects += 1;
        let digest = sha256(&row.payload);
        let key = (row.subject, version);
        let told = self.before.remove(&key);
        let name = named(key);
        match told {
            None => self.report.extra.push(name),
            Some(told) if told == digest => {}
            Some(_) => self.report.differing.push(name),
        }
    }

    /// Holds a row, as the event it would make, against the last event about it.
    pub fn hold(&mut self, row: EventDraft) {
        let digest = sha256(&row.payload);
        self.compare(row.subject, Some(digest));
    }

    /// Notes a row that cannot be read.
    pub fn unreadable(&mut self, subject: String) {
        self.compare(subject, None);
    }

    fn compare(&mut self, subject: String, digest: Option<Hash>) {
        self.report.subjects += 1;
        match self.told.remove(&subject) {
            None => self.report.extra.push(subject),
            Some(told) if Some(told.digest) == digest => {}
            Some(_) => self.report.differing.push(subject),
        }
    }

    /// Expects no row about a subject that none was held of: those of its kind are dropped in time.
    pub fn excuse(&mut self, subject: &str) {
        self.told.remove(subject);
    }

    /// What was found, once every row was held against the log.
    pub fn finish(mut self) -> Report {
        let before = self.before.into_keys().map(named);
        self.report.missing = self.told.into_keys().chain(before).collect();
        self.report.missing.sort_unstable();
        self.report
    }
}

/// An earlier version of a subject, in a report.
fn named((subject, version): (String, i64)) -> String {
    format!("version {version} of {subject}")
}
