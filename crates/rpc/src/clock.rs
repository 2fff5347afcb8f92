//! Time as an argument.

use futures::future::BoxFuture;
use greenroom_domain::kernel::Timestamp;
use greenroom_feed::tail::Now;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use uuid::Uuid;

/// Tells the time and wakes at an instant. Tests move it by hand.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Ends at `instant`, or at once if it has passed.
    fn sleep_until(&self, instant: Timestamp) -> BoxFuture<'static, ()>;
}

/// A clock shared by everything in a service.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, instant: Timestamp) -> BoxFuture<'static, ()> {
        let clock = *self;
        Box::pin(async move {
            // In short steps: the machine's clock may be set, and a sleep of days should not outlive that.
            const STEP: Duration = Duration::from_secs(10);
            while clock.now() < instant {
                tokio::time::sleep(instant.since(clock.now()).min(STEP)).await;
            }
        })
    }
}

/// The time, in the form a tail takes it.
pub fn now_of(clock: &SharedClock) -> Now {
    let clock = Arc::clone(clock);
    Arc::new(move || clock.now())
}

/// A new id for a resource: a UUID version 7, so that ids sort by the time they were made.
pub fn new_id(clock: &SharedClock) -> Uuid {
    let micros = clock.now().as_micros().unsigned_abs();
    let nanos = u32::try_from(micros % 1_000_000).unwrap_or_default() * 1_000;
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, micros / 1_000_000, nanos))
}
