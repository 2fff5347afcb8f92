//! The ids of client assertions, each of which counts once (RFC 7523 §3).

use super::Database;
use greenroom_auth::VerifiedAssertion;
use greenroom_domain::identity::port::AssertionUse;
use greenroom_domain::ledger::StoreError;
use tokio::sync::{mpsc, oneshot};

/// The most ids of one transaction: it stays short, and what comes meanwhile waits for the next.
const BATCH: usize = 256;

/// The most that wait; more wait for their turn to wait.
const QUEUE: usize = 1024;

/// Uses up ids, many in one transaction. Each is on disk before it is answered, and that wait is what costs: those who come
/// during it share the next.
pub struct AssertionIds {
    queue: mpsc::Sender<Waiting>,
}

struct Waiting {
    assertion: AssertionUse,
    unused: oneshot::Sender<Result<bool, StoreError>>,
}

impl AssertionIds {
    /// Writes to `store` in a task of its own, which ends with this value: nobody who goes away takes others with him.
    pub fn begin<S: Database>(store: S) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write(store, waiting));
        Self { queue }
    }

    /// Remembers the id of an assertion; false if it was used before, on any replica.
    pub async fn use_up(&self, verified: &VerifiedAssertion) -> Result<bool, StoreError> {
        let assertion = AssertionUse {
            client: verified.client_id.clone(),
            assertion_id: verified.assertion_id.clone(),
            expire_time: verified.remember_until(),
        };
        let (unused, answer) = oneshot::channel();
        let stopped = || StoreError::Unavailable("assertion ids are not written any more".into());
        self.queue.send(Waiting { assertion, unused }).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

async fn write<S: Database>(store: S, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        // In one order everywhere: two replicas with the same ids must not wait for each other.
        batch.sort_by(|left, right| left.assertion.cmp(&right.assertion));
        let assertions: Vec<_> = batch.iter().map(|one| one.assertion.clone()).collect();
        match store.use_assertions(&assertions).await {
            Ok(unused) => {
                for (one, unused) in batch.drain(..).zip(unused) {
                    // Whoever asked may have gone.
                    drop(one.unused.send(Ok(unused)));
                }
            }
            Err(error) => {
                tracing::debug!(error = %error.whole(), "could not write assertion ids");
                for one in batch.drain(..) {
                    drop(one.unused.send(Err(again(&error))));
                }
            }
        }
    }
}

/// The same for each of them.
fn again(error: &StoreError) -> StoreError {
    match error {
        StoreError::Unavailable(_) => StoreError::Unavailable(error.whole().into()),
        _ => StoreError::Failed(error.whole().into()),
    }
}
