//! What a store offers to those who read its feed and to those who write into it.

use crate::event::Event;
use crate::wake::Wake;
use greenroom_domain::ledger::{Position, Receipt, StoreError};
use std::future::Future;

/// A database's own feed, its answered requests, and how far it has applied the feeds of others.
pub trait EventLog: Clone + Send + Sync + 'static {
    /// Where the feed stands.
    fn head(&self) -> impl Future<Output = Result<Position, StoreError>> + Send;

    /// Up to `limit` events after number `after`, in order, without gaps.
    fn read_after(
        &self,
        after: i64,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Event>, StoreError>> + Send;

    /// The hash of the newest event, as the head row has it.
    fn head_chain(&self) -> impl Future<Output = Result<(Position, Vec<u8>), StoreError>> + Send;

    /// The answer stored for a client's request id.
    fn recall(
        &self,
        client: &str,
        request_id: &str,
    ) -> impl Future<Output = Result<Option<Receipt>, StoreError>> + Send;

    /// How far the feed of `source` has been applied; `None` before the first batch.
    fn cursor(&self, source: &str) -> impl Future<Output = Result<Option<Position>, StoreError>> + Send;

    /// Told after every commit that this process knows of.
    fn wake(&self) -> Wake;
}

/// A store that has a feed. Services reach their log through it; their own tables stay behind the service's port.
pub trait HasLog {
    /// The log's type.
    type Log: EventLog;

    /// The log.
    fn log(&self) -> &Self::Log;
}
