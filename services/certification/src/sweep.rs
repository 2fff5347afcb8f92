//! Ends the plans that were never concluded, where the call that made them could not do so itself.

use crate::app::{By, abandon};
use greenroom_domain::certification::port::Store;
use greenroom_domain::ledger::StoreError;
use greenroom_rpc::clock::SharedClock;
use std::time::Duration;

/// How long such plans are kept: twice as long as any call may take.
const ABANDONED_AFTER: Duration = Duration::from_hours(2);
/// Between two sweeps.
const PAUSE: Duration = Duration::from_hours(1);
/// How many are ended at once.
const PAGE: i64 = 100;

/// Sweeps.
pub async fn once<S: Store>(store: &S, clock: &SharedClock) -> Result<(), StoreError> {
    let before = clock.now().minus(ABANDONED_AFTER);
    loop {
        let unfinished = store.unfinished(before, PAGE).await?;
        if unfinished.is_empty() {
            return Ok(());
        }
        for import in unfinished {
            let by = By { method: "sweep".to_owned(), ..By::default() };
            abandon(store, clock, &import.id, by).await?;
        }
    }
}

/// Sweeps every hour, for good. A sweep that fails is repeated an hour later.
pub async fn hourly<S: Store>(store: &S, clock: &SharedClock) {
    loop {
        clock.sleep_until(clock.now().plus(PAUSE)).await;
        if let Err(error) = once(store, clock).await {
            tracing::warn!(error = %error, "abandoned plans stay behind for now");
        }
    }
}
