//! The durable event feed between services.
//!
//! Every change of state commits its rows and its events in one transaction. Events are numbered from one locked head
//! row, so the order of numbers is the order of commits: a reader that has seen number *n* will never be shown a smaller
//! one later. Each event carries a hash over itself and its predecessor's hash, so that one changed byte is noticed.
//!
//! - [`event`]: an event as it is kept, its canonical bytes and its hash.
//! - [`cursor`]: opaque places in feeds, for followers and for "at least this fresh".
//! - [`log`]: what a store offers: read the log, recall an answer, know how far a followed feed was applied.
//! - [`seek`]: finds a place in a log by time.
//! - [`tail`]: batches, then heartbeats, pushed as they are committed.
//! - [`verify`]: walks the chain.
//! - [`sqlite`], [`postgres`]: what the two engines do differently.
//!
//! The statements themselves live in `queries/` and their glue in `store/mod.rs`, which every store crate compiles
//! against its own engine.

pub mod cursor;
pub mod event;
pub mod log;
pub mod postgres;
pub mod seek;
pub mod sqlite;
pub mod tail;
pub mod verify;
pub mod wake;
