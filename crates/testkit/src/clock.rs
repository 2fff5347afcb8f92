//! A clock moved by hand.

use futures::future::BoxFuture;
use greenroom_domain::kernel::Timestamp;
use greenroom_rpc::clock::{Clock, SharedClock};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Stands still until a test moves it. Clones share the time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<watch::Sender<Timestamp>>);

impl ManualClock {
    /// Stands at `instant`.
    pub fn at(instant: Timestamp) -> Self {
        Self(Arc::new(watch::Sender::new(instant)))
    }

    /// Stands at 2026-11-02T04:00:00Z, noon in Beijing on a Monday.
    pub fn monday_noon() -> Self {
        Self::at(Timestamp::from_micros(1_793_592_000_000_000))
    }

    /// Goes forward and wakes whoever waited for an instant passed.
    pub fn advance(&self, by: Duration) {
        self.0.send_modify(|now| *now = now.plus(by));
    }

    /// As services take it.
    pub fn shared(&self) -> SharedClock {
        Arc::new(self.clone())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.borrow()
    }

    fn sleep_until(&self, instant: Timestamp) -> BoxFuture<'static, ()> {
        let mut time = self.0.subscribe();
        Box::pin(async move {
            // The clock is gone: its test has ended, and nothing will ever be due.
            if time.wait_for(|now| *now >= instant).await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monday_noon_is_monday_noon_in_beijing() {
        let now = ManualClock::monday_noon().now();
        assert_eq!(now.to_string(), "2026-11-02T04:00:00Z");
        assert_eq!(now.beijing_date().to_string(), "2026-11-02");
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_its_instant_is_reached() {
        let clock = ManualClock::monday_noon();
        let until = clock.now().plus(Duration::from_mins(1));
        let sleeper = tokio::spawn(clock.sleep_until(until));
        clock.advance(Duration::from_mins(1));
        sleeper.await.unwrap();
    }
}
