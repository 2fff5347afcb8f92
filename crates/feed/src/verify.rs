//! Walks the hash chain from the first event to the head.

use crate::event::{Event, GENESIS};
use crate::log::EventLog;
use crate::tail::BATCH;
use greenroom_domain::ledger::StoreError;

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
