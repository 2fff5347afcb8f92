//! Finds a place in a log by time.

use crate::log::EventLog;
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::StoreError;

/// The number of the event behind which the events of `instant` and later begin, or 0. Found by halving, so with some twenty
/// reads of one event however long the log is.
///
/// An event bears the instant it was decided at, and the log has them in the order in which they were committed. Where two
/// decisions overlapped, the times are not in the log's order: an event of `instant` or later may then come before the
/// place, but only if it was committed before another that was decided before `instant`. Whoever must not miss it asks for an
/// earlier instant, by as long as a decision can take.
pub async fn before<L: EventLog>(log: &L, instant: Timestamp) -> Result<i64, StoreError> {
    let (mut low, mut high) = (0, log.head().await?.sequence);
    // INVARIANT: event `low` was decided before `instant`, event `high + 1` was not, as far as there are such.
    while low < high {
        let middle = low + (high - low) / 2;
        let next = log.read_after(middle, 1).await?;
        match next.first() {
            Some(event) if event.commit_time_us < instant.as_micros() => low = event.sequence,
            _ => high = middle,
        }
    }
    Ok(low)
}
