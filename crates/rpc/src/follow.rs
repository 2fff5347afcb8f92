//! The receiving end of a feed: follows until the stream breaks, backs off by status code, and begins again.

use crate::clock::SharedClock;
use greenroom_domain::kernel::Timestamp;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// How the following of one feed stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Following {
    /// Nothing was heard yet.
    Connecting,
    /// News or heartbeats come in.
    Live,
    /// The stream broke; it is being opened again.
    Broken(String),
    /// The stream cannot go on without an operator.
    Halted(String),
}

/// What others may know of a follower: how it stands, and up to when the feed is known to be applied.
#[derive(Clone)]
pub struct Progress {
    state: Arc<watch::Sender<Following>>,
    heard: Arc<Mutex<Option<Timestamp>>>,
}

impl Progress {
    /// Nothing was heard yet.
    pub fn new() -> Self {
        Self { state: Arc::new(watch::Sender::new(Following::Connecting)), heard: Arc::default() }
    }

    /// A message came in and was applied. `current` is the sender's time at which nothing newer was committed.
    pub fn applied(&self, current: Option<Timestamp>) {
        if let Some(current) = current {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            *heard = (*heard).max(Some(current));
        }
        self.state.send_if_modified(|state| {
            let changed = *state != Following::Live;
            *state = Following::Live;
            changed
        });
    }

    /// Up to when everything is known to be applied.
    pub fn heard(&self) -> Option<Timestamp> {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How the follower stands, and its changes.
    pub fn watch(&self) -> watch::Receiver<Following> {
        self.state.subscribe()
    }

    fn set(&self, state: Following) {
        self.state.send_replace(state);
    }

    fn is_live(&self) -> bool {
        *self.state.borrow() == Following::Live
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

/// Runs `attempt` again and again until `shutdown`.
///
/// Each attempt opens the stream at the stored cursor, applies what comes and calls [`Progress::applied`]; it returns
/// when the stream ends. `INVALID_ARGUMENT` and `OUT_OF_RANGE` cannot heal by themselves: they halt.
pub async fn supervise<F, Fut>(
    source: &'static str,
    progress: &Progress,
    clock: &SharedClock,
    shutdown: &CancellationToken,
    attempt: F,
) where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), Status>>,
{
    let mut delay = FIRST_DELAY;
    loop {
        let ended = tokio::select! {
            ended = attempt() => ended,
            () = shutdown.cancelled() => return,
        };
        if progress.is_live() {
            delay = FIRST_DELAY;
        }
        let status = ended.err().unwrap_or_else(|| Status::unavailable("the stream ended"));
        if matches!(status.code(), Code::InvalidArgument | Code::OutOfRange) {
            tracing::error!(feed = source, code = ?status.code(), error = status.message(), "the feed cannot be followed");
            progress.set(Following::Halted(status.message().to_owned()));
            return;
        }
        tracing::debug!(feed = source, code = ?status.code(), error = status.message(), "the feed broke; opening it again");
        progress.set(Following::Broken(status.message().to_owned()));
        tokio::select! {
            () = tokio::time::sleep(jittered(delay, clock)) => {}
            () = shutdown.cancelled() => return,
        }
        delay = (delay * 2).min(LONGEST_DELAY);
    }
}

/// Between half of the delay and the whole: replicas that lost the same server do not come back in step.
fn jittered(delay: Duration, clock: &SharedClock) -> Duration {
    let spread = clock.now().as_micros().unsigned_abs() % 512;
    delay / 2 + delay.mul_f64(f64::from(u32::try_from(spread).unwrap_or_default()) / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Runs a follower whose attempts end one after the other as told; the last one ends for good.
    async fn follow(ends: &[Code]) -> (usize, Following) {
        let (progress, attempts) = (Progress::new(), AtomicUsize::new(0));
        let clock: SharedClock = Arc::new(SystemClock);
        let attempt = || {
            let code = ends[attempts.fetch_add(1, Ordering::SeqCst)];
            async move { Err(Status::new(code, "ended")) }
        };
        supervise("test", &progress, &clock, &CancellationToken::new(), attempt).await;
        let state = progress.watch().borrow().clone();
        (attempts.load(Ordering::SeqCst), state)
    }

    #[tokio::test]
    async fn what_may_heal_is_tried_again_and_what_cannot_halts() {
        let halted = Following::Halted("ended".to_owned());
        let ends = [Code::Unavailable, Code::Unauthenticated, Code::Internal, Code::OutOfRange];
        assert_eq!(follow(&ends).await, (4, halted.clone()));
        assert_eq!(follow(&[Code::InvalidArgument]).await, (1, halted));
    }

    #[tokio::test]
    async fn shutdown_ends_an_attempt_under_way() {
        let clock: SharedClock = Arc::new(SystemClock);
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        supervise("test", &Progress::new(), &clock, &shutdown, std::future::pending).await;
    }

    #[test]
    fn news_only_move_forward() {
        let progress = Progress::new();
        progress.applied(Some(Timestamp::from_micros(2)));
        progress.applied(Some(Timestamp::from_micros(1)));
        progress.applied(None);
        assert_eq!(progress.heard(), Some(Timestamp::from_micros(2)));
    }
}
