//! What time alone brings to qualifications: a licence ends, a check is due. Each is an event at its instant, written by
//! whichever replica is first.

use crate::app::App;
use crate::error::Error;
use greenroom_domain::certification::port::Store;
use greenroom_domain::kernel::Timestamp;
use greenroom_feed::log::HasLog;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How many are taken at once.
const ROWS: usize = 100;

/// The longest sleep: another replica, or a call, may have written something that is due before.
const LONGEST: Duration = Duration::from_mins(1);

/// How long to wait after the database failed, or where something due could not be done.
const PAUSE: Duration = Duration::from_secs(1);

/// Walks until `shutdown`.
pub async fn patrol<S: Store + HasLog>(app: Arc<App<S>>, shutdown: CancellationToken) {
    loop {
        let until = match round(&app).await {
            Ok(until) => until,
            Err(error) => {
                tracing::warn!(?error, "qualifications could not be looked through; looking again");
                app.clock.now().plus(PAUSE)
            }
        };
        tokio::select! {
            () = app.clock.sleep_until(until) => {}
            () = app.filed.notified() => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Does what is due, and tells when to look again.
async fn round<S: Store + HasLog>(app: &App<S>) -> Result<Timestamp, Error> {
    let now = app.clock.now();
    let due = app.store.qualifications_due(now, i64::try_from(ROWS).unwrap_or(i64::MAX)).await?;
    let full = due.len() >= ROWS;
    for record in due {
        app.pass_qualification_time(record, now).await?;
    }
    let longest = now.plus(LONGEST);
    let next = app.store.next_qualification_due().await?.map_or(longest, |next| next.min(longest));
    Ok(if next <= now && !full { now.plus(PAUSE) } else { next })
}
