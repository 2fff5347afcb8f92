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

    /// Ends at `instant`, or at once if it has passed; a clock that is set back meanwhile makes it end earlier, not later. Who
    /// sleeps looks at the clock again.
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
        Box::pin(async move { sleep_until(instant, || clock.now()).await })
    }
}

/// In short steps: the machine's clock may be set, and a sleep of days should not outlive that. Nor any sleep one that is set
/// back: it takes no longer than was to wait at its begin.
async fn sleep_until(instant: Timestamp, now: impl Fn() -> Timestamp) {
    const STEP: Duration = Duration::from_secs(10);
    let mut longest = instant.since(now());
    while now() < instant && !longest.is_zero() {
        let step = instant.since(now()).min(STEP).min(longest);
        tokio::time::sleep(step).await;
        longest = longest.saturating_sub(step);
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    /// Sleeps an hour on a clock that jumps so many seconds after the first half.
    async fn slept(jump: i64) -> Duration {
        let begin = Instant::now();
        let now = || {
            let passed = i64::try_from(begin.elapsed().as_secs()).unwrap();
            let set = if passed < 1800 { 0 } else { jump };
            Timestamp::from_micros((passed + set) * 1_000_000)
        };
        sleep_until(Timestamp::from_micros(3_600_000_000), now).await;
        begin.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_makes_no_sleep_longer() {
        let near = |slept: Duration, minutes: u64| slept.abs_diff(Duration::from_mins(minutes)).as_secs() < 1;
        assert!(near(slept(0).await, 60));
        assert!(near(slept(1800).await, 30));
        assert!(near(slept(-86_400).await, 60));
    }
}
