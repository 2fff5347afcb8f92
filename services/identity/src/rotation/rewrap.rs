//! Wraps everything with the present master key, batch by batch, until nothing is left.

use super::RotationError;
use super::database::Wraps;
use crate::vault::Vault;
use greenroom_domain::identity::port::WrappedKind;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often the whole is looked through: whoever has still written with another key by then goes on doing so.
const PASSES: usize = 20;

/// How a rotation goes about it.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How many rows are wrapped anew in one transaction.
    pub batch: i64,
    /// How long to wait before looking again whether anything is left.
    pub settle: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { batch: 500, settle: Duration::from_secs(2) }
    }
}

/// How far a rotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many rows are wrapped anew.
    pub done: i64,
    /// How many there are, those done included. Grows if a service still writes with another key.
    pub total: i64,
}

struct Rewrapping<'a, P> {
    database: &'a Wraps,
    vault: &'a Vault,
    present: &'a str,
    pace: Pace,
    progress: P,
    done: i64,
    /// How many rows were left when they were last counted, less those done since. Counted once for each look: counting
    /// takes longer than a batch.
    left: i64,
    /// What cannot be opened: passed over, and told at the end.
    damaged: BTreeSet<String>,
}

/// Wraps all that is wrapped elsewhere, and gives how many rows that were, and how many are left in spite of it. Ends when
/// two looks in a row find nothing.
pub async fn rewrap_all(
    database: &Wraps,
    vault: &Vault,
    present: &str,
    pace: Pace,
    progress: impl FnMut(Progress),
) -> Result<(i64, i64), RotationError> {
    let mut work =
        Rewrapping { database, vault, present, pace, progress, done: 0, left: 0, damaged: BTreeSet::new() };
    let mut in_vain = 0;
    for _ in 0..PASSES {
        let before = work.done;
        work.left = database.left(present).await?;
        work.tell();
        work.pass(WrappedKind::SigningKeys).await?;
        work.pass(WrappedKind::DataKeys).await?;
        in_vain = if work.done == before { in_vain + 1 } else { 0 };
        if in_vain == 2 {
            break;
        }
        tokio::time::sleep(pace.settle).await;
    }
    let remaining = database.left(present).await?;
    if work.damaged.is_empty() {
        return Ok((work.done, remaining));
    }
    Err(RotationError::Damaged(work.damaged.into_iter().collect()))
}

impl<P: FnMut(Progress)> Rewrapping<'_, P> {
    /// Looks through the whole once.
    async fn pass(&mut self, kind: WrappedKind) -> Result<(), RotationError> {
        let mut after = String::new();
        loop {
            let rows = self.database.elsewhere(kind, self.present, &after, self.pace.batch).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            last.id.clone_into(&mut after);
            let mut changes = Vec::with_capacity(rows.len());
            for row in rows {
                match self.vault.rewrap(kind, &row) {
                    Ok(new) => changes.push((row, new)),
                    Err(_) => drop(self.damaged.insert(named(kind, &row.id))),
                }
            }
            if changes.is_empty() {
                continue;
            }
            self.database.rewrap(kind, &changes).await?;
            let count = i64::try_from(changes.len()).unwrap_or(i64::MAX);
            self.done = self.done.saturating_add(count);
            // More than were counted: a service still writes with another key.
            self.left = self.left.saturating_sub(count).max(0);
            self.tell();
        }
    }

    fn tell(&mut self) {
        (self.progress)(Progress { done: self.done, total: self.done.saturating_add(self.left) });
    }
}

fn named(kind: WrappedKind, id: &str) -> String {
    match kind {
        WrappedKind::DataKeys => format!("persons/{id}"),
        WrappedKind::SigningKeys => format!("signing key {id}"),
    }
}
