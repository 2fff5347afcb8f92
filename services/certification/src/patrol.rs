//! What time alone brings: evidence runs out. Each is an event at its instant, written by whichever replica is first.

use crate::app::{App, Lapsed};
use greenroom_domain::certification::port::Store;
use greenroom_feed::log::HasLog;
use std::sync::Arc;
use std::time::Duration;

/// The longest sleep: something that runs out before may have been written meanwhile.
const LONGEST: Duration = Duration::from_mins(1);

/// How long to wait after the database failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Walks for good. What was not told before a stop is told after it.
pub async fn patrol<S: Store + HasLog>(app: Arc<App<S>>) {
    loop {
        let now = app.clock.now();
        let until = match app.tell_lapsed().await {
            Ok(Lapsed::More) => {
                tokio::task::yield_now().await;
                continue;
            }
            Ok(Lapsed::Until(next)) => {
                let longest = now.plus(LONGEST);
                // What is due by now is so by a clock that has moved since.
                next.map_or(longest, |next| next.min(longest))
            }
            Err(error) => {
                tracing::warn!(?error, "the patrol was stopped; walking again");
                now.plus(PAUSE)
            }
        };
        app.clock.sleep_until(until).await;
    }
}
