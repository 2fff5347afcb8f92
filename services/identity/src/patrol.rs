//! What time alone brings: checks and documents run out, birthdays come, credentials near their end, sources are asked
//! again. Each is an event at its instant, written by whichever replica is first.

use crate::app::{App, Database, Noticed};
use crate::error::Error;
use greenroom_domain::identity::port::Due;
use greenroom_domain::kernel::Timestamp;
use greenroom_rpc::source::work::{put_off_unknown, work};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// How many of each kind are taken at once.
const ROWS: usize = 100;

/// The longest sleep: another replica may have written something that is due before.
const LONGEST: Duration = Duration::from_mins(1);

/// How long to wait after the database failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Walks until `shutdown`. `written` wakes it: what was just written may be due before anything else.
pub async fn patrol<S: Database>(app: Arc<App<S>>, written: Arc<Notify>, shutdown: CancellationToken) {
    loop {
        let until = match round(&app).await {
            Ok(until) => until,
            Err(error) => {
                tracing::warn!(error = %error, "the patrol was stopped; walking again");
                app.clock.now().plus(PAUSE)
            }
        };
        tokio::select! {
            () = app.clock.sleep_until(until) => {}
            () = written.notified() => {}
            () = app.sources.freed() => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Looks now and then, until `shutdown`, for proofs that a source should renew, and for jobs whose source nobody knows.
pub async fn look_after_sources<S: Database>(app: Arc<App<S>>, shutdown: CancellationToken) {
    loop {
        // From before the look: what fell due while it went on is looked for at once.
        let again = app.clock.now().plus(LONGEST);
        if let Err(error) = app.begin_rechecks().await {
            tracing::warn!(error = %error, "could not look for proofs that run out; looking again");
        }
        if let Err(error) = put_off_unknown(&*app).await {
            tracing::warn!(error = %error, "could not look for jobs of unknown sources; looking again");
        }
        tokio::select! {
            () = app.clock.sleep_until(again) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Does what is due, and tells when to look again.
async fn round<S: Database>(app: &Arc<App<S>>) -> Result<Timestamp, Error> {
    let (now, limit) = (app.clock.now(), i64::try_from(ROWS).unwrap_or(i64::MAX));
    let Due { persons, clients, damaged } = app.store.due(now, limit, &app.put_off.at(now)).await?;
    let full = persons.len() + clients.len() + damaged.len() >= ROWS;
    let mut done = !persons.is_empty() || !damaged.is_empty();
    for name in damaged {
        app.put_off_damaged(&name, &"the row is damaged", now);
    }
    for client in clients {
        done |= app.notice_expiry(client).await? == Noticed::Settled;
    }
    for person in persons {
        app.pass_time(person).await?;
    }
    work(app).await?;
    let longest = app.put_off.next().into_iter().fold(now.plus(LONGEST), Timestamp::min);
    let next = app.store.next_due(longest, &app.put_off.at(now)).await?.unwrap_or(longest);
    // What could not be done stays due, and is not tried all the time.
    Ok(if next <= now && !(full && done) { now.plus(PAUSE) } else { next })
}
