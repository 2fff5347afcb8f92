//! The store of the certification service on PostgreSQL.
//!
//! No code of its own: the statements and their glue are shared by both engines, and compiled here against PostgreSQL.

use greenroom_feed::postgres as engine;

static FEED_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../../crates/feed/migrations/postgres");
static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations/postgres");

#[path = "../../../../crates/feed/store/mod.rs"]
mod feed_store;
#[path = "../../store/mod.rs"]
mod store;

pub use feed_store::FeedStore;
pub use store::Store;

#[cfg(test)]
fn test_database() -> impl Future<Output = greenroom_testkit::database::TestDatabase> {
    greenroom_testkit::database::postgres()
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
