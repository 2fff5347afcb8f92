//! Wakes readers after a commit. A hint, never the truth: readers ask the log.

use std::sync::Arc;
use tokio::sync::watch;

/// The sending side. Kept by the store.
#[derive(Clone, Debug)]
pub struct Waker(Arc<watch::Sender<()>>);

/// The receiving side.
pub type Wake = watch::Receiver<()>;

impl Waker {
    /// A waker nobody listens to yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(())))
    }

    /// Wakes everybody who listens.
    pub fn wake(&self) {
        self.0.send_replace(());
    }

    /// Listens from now on.
    pub fn listen(&self) -> Wake {
        self.0.subscribe()
    }
}

impl Default for Waker {
    fn default() -> Self {
        Self::new()
    }
}
