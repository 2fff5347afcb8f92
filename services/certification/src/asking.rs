//! Keeps asking sources: jobs as they fall due, checks that the service begins by itself, jobs whose source nobody knows.

use crate::app::App;
use crate::error::Error;
use greenroom_domain::certification::port::Store;
use greenroom_domain::kernel::Timestamp;
use greenroom_feed::log::{EventLog as _, HasLog};
use greenroom_rpc::source::work::{put_off_unknown, work};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The longest sleep: another replica may have begun something that is due before.
const LONGEST: Duration = Duration::from_mins(1);

/// How long to wait after the database failed, or where something that is due could not be done.
const PAUSE: Duration = Duration::from_secs(1);

/// Begins all of it, beside everything else, until `shutdown`. Questions under way are cut off then.
pub fn begin<S: Store + HasLog>(app: &Arc<App<S>>, shutdown: &CancellationToken) {
    tokio::spawn(keep_asking(Arc::clone(app), shutdown.clone()));
    tokio::spawn(look_after(Arc::clone(app), shutdown.clone()));
    let (ending, app) = (shutdown.clone(), Arc::clone(app));
    tokio::spawn(async move {
        ending.cancelled().await;
        app.sources.stop();
    });
}

/// Asks until `shutdown`. What this process commits wakes it: it may be due before anything else.
async fn keep_asking<S: Store + HasLog>(app: Arc<App<S>>, shutdown: CancellationToken) {
    let mut wake = app.store.log().wake();
    loop {
        // Marked as seen before the tables are read, so that a commit after the read wakes the wait below.
        wake.borrow_and_update();
        let until = match round(&app).await {
            Ok(until) => until,
            Err(error) => {
                tracing::warn!(%error, "sources were not asked; trying again");
                app.clock.now().plus(PAUSE)
            }
        };
        tokio::select! {
            () = app.clock.sleep_until(until) => {}
            // Without a sender the store is gone, and only time can pass.
            Ok(()) = wake.changed() => {}
            () = app.sources.freed() => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Looks now and then, until `shutdown`, for certificates that are to be asked about again.
async fn look_after<S: Store + HasLog>(app: Arc<App<S>>, shutdown: CancellationToken) {
    loop {
        // From before the look: what fell due while it went on is looked for at once.
        let again = app.clock.now().plus(LONGEST);
        let begun = async {
            app.begin_renewals().await?;
            app.begin_retries().await?;
            app.begin_unanswered().await?;
            put_off_unknown(&*app).await
        };
        if let Err(error) = begun.await {
            tracing::warn!(%error, "could not look for certificates to ask about again; looking again");
        }
        tokio::select! {
            () = app.clock.sleep_until(again) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Asks what is due, and tells when to look again.
async fn round<S: Store + HasLog>(app: &Arc<App<S>>) -> Result<Timestamp, Error> {
    // Read before the jobs are: what falls due in between is asked in the next round, which then comes at once.
    let now = app.clock.now();
    work(app).await?;
    let longest = now.plus(LONGEST);
    let next = app.store.next_verification().await?.map_or(longest, |next| next.min(longest));
    // What could not be done stays due, and is not tried all the time.
    Ok(if next <= now { now.plus(PAUSE) } else { next })
}
