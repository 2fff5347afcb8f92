//! The store of the certification service on SQLite.
//!
//! No code of its own: the statements and their glue are shared by both engines, and compiled here against SQLite.

use greenroom_feed::sqlite as engine;

static FEED_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../../crates/feed/migrations/sqlite");
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations/sqlite");

#[path = "../../../../crates/feed/store/mod.rs"]
mod feed_store;
#[path = "../../store/mod.rs"]
mod store;

pub use feed_store::FeedStore;
pub use store::Store;

#[cfg(test)]
fn test_database() -> impl Future<Output = greenroom_testkit::database::TestDatabase> {
    std::future::ready(greenroom_testkit::database::sqlite())
}
#[cfg(test)]
#[path = "../../store/conformance.rs"]
mod conformance;
#[cfg(test)]
#[path = "../../store/conformance_history.rs"]
mod conformance_history;
#[cfg(test)]
#[path = "../../../../crates/feed/store/conformance.rs"]
mod feed_conformance;
