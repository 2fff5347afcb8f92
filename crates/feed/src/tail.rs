//! Follows a log: what was committed, then what is being committed, then heartbeats.

use crate::event::Event;
use crate::log::EventLog;
use crate::wake::Wake;
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How many events one batch carries at most.
pub const BATCH: i64 = 500;

/// Reads the time. Given by the service, so that tests move it.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How often a tail speaks and looks by itself.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The longest silence.
    pub heartbeat: Duration,
    /// How often to look without having been woken: the delay of a lost wake-up hint, not of a working one.
    pub look: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { heartbeat: Duration::from_secs(1), look: Duration::from_millis(250) }
    }
}

/// One step of a tail.
#[derive(Clone, Debug)]
pub struct Step {
    /// Events in commit order, without gaps; empty in a heartbeat.
    pub events: Vec<Event>,
    /// The number of the last event handed out so far.
    pub through: i64,
    /// Read before the log was: nothing newer than `through` was committed at that instant. `None` while more waits.
    pub current: Option<Timestamp>,
}

/// Follows one log from one place.
pub struct Tail<L> {
    log: L,
    wake: Wake,
    now: Now,
    pace: Pace,
    through: i64,
    spoken: Option<Instant>,
}

impl<L: EventLog> Tail<L> {
    /// A tail that begins behind event number `after`.
    pub fn new(log: L, after: i64, now: Now, pace: Pace) -> Self {
        let wake = log.wake();
        Self { log, wake, now, pace, through: after, spoken: None }
    }

    /// The next batch or heartbeat. Waits for one; may be dropped and called again without losing anything.
    pub async fn next(&mut self) -> Result<Step, StoreError> {
        loop {
            // INVARIANT: marked as seen before the log is read, so a commit after the read wakes the wait below.
            self.wake.borrow_and_update();
            let at = (self.now)();
            let events = self.log.read_after(self.through, BATCH).await?;
            if let Some(last) = events.last() {
                check_gapless(self.through, &events)?;
                self.through = last.sequence;
                let more = i64::try_from(events.len()).is_ok_and(|read| read >= BATCH);
                return Ok(self.step(events, (!more).then_some(at)));
            }
            let due = self.spoken.is_none_or(|spoken| spoken.elapsed() >= self.pace.heartbeat);
            if due {
                return Ok(self.step(Vec::new(), Some(at)));
            }
            self.wait().await;
        }
    }

    fn step(&mut self, events: Vec<Event>, current: Option<Timestamp>) -> Step {
        self.spoken = Some(Instant::now());
        Step { events, through: self.through, current }
    }

    async fn wait(&mut self) {
        let silence = self.spoken.map_or(Duration::ZERO, |spoken| spoken.elapsed());
        let left = self.pace.heartbeat.saturating_sub(silence).min(self.pace.look);
        tokio::select! {
            woken = self.wake.changed() => if woken.is_err() {
                // The store is gone with its process; only time can pass now.
                tokio::time::sleep(left).await;
            },
            () = tokio::time::sleep(left) => {}
        }
    }
}

/// Refuses events that do not follow `after` one by one.
pub fn check_gapless(after: i64, events: &[Event]) -> Result<(), StoreError> {
    let expected = (after + 1..).take(events.len());
    if events.iter().map(|event| event.sequence).eq(expected) {
        return Ok(());
    }
    Err(StoreError::Damaged(format!("events are missing from the log after number {after}")))
}
