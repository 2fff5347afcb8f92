//! Sweeps away the rows of plans that were never concluded, where the call that staged them could not do so itself.

use greenroom_domain::certification::port::Store;
use greenroom_domain::ledger::StoreError;
use greenroom_rpc::clock::SharedClock;
use std::time::Duration;

/// How long such rows are kept: twice as long as any call may take.
const ABANDONED_AFTER: Duration = Duration::from_hours(2);
/// Between two sweeps.
const PAUSE: Duration = Duration::from_hours(1);

/// Sweeps. Ids of imports sort by the time they were made.
pub async fn once<S: Store>(store: &S, clock: &SharedClock) -> Result<(), StoreError> {
    let before = clock.now().minus(ABANDONED_AFTER).as_micros().unsigned_abs();
    let time = uuid::Timestamp::from_unix(uuid::NoContext, before / 1_000_000, 0);
    store.unstage_abandoned(&uuid::Uuid::new_v7(time).to_string()).await
}

/// Sweeps every hour, for good. A sweep that fails is repeated an hour later.
pub async fn hourly<S: Store>(store: &S, clock: &SharedClock) {
    loop {
        clock.sleep_until(clock.now().plus(PAUSE)).await;
        if let Err(error) = once(store, clock).await {
            tracing::warn!(error = %error, "rows of abandoned plans stay behind for now");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_certification_store_sqlite::Store as Sqlite;
    use greenroom_domain::certification::RollVerdict;
    use greenroom_domain::certification::port::PlanRow;
    use greenroom_domain::kernel::RollImportId;
    use greenroom_rpc::clock::new_id;
    use greenroom_testkit::{ManualClock, eventually};

    #[tokio::test]
    async fn rows_of_an_abandoned_plan_are_swept_away_while_the_service_runs() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("c.db").display());
        let store = Sqlite::open(&url).await.unwrap();
        let clock = ManualClock::monday_noon();
        let import = RollImportId::try_new(&new_id(&clock.shared()).to_string()).unwrap();
        let (number, planned, findings) = (String::new(), None, Vec::new());
        let row = PlanRow { row: 2, verdict: RollVerdict::Invalid, number, planned, findings };
        store.stage(&import, &[row]).await.unwrap();
        let left = async || store.rows(&import, None, 0, 9).await.unwrap().len();
        clock.advance(Duration::from_hours(1));
        once(&store, &clock.shared()).await.unwrap();
        assert_eq!(left().await, 1, "a call may still be at it");
        let (swept, shared) = (store.clone(), clock.shared());
        let sweeping = tokio::spawn(async move { hourly(&swept, &shared).await });
        eventually("the rows are gone", async || {
            clock.advance(PAUSE);
            (left().await == 0).then_some(())
        })
        .await;
        sweeping.abort();
    }
}
