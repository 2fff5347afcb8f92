//! What SQLite does differently: one file per service, one writer at a time, everything in this process.

use crate::wake::Waker;
use greenroom_domain::ledger::StoreError;
use sqlx::Row as _;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::str::FromStr as _;
use std::time::Duration;
use tokio::time::Instant;

/// The engine.
pub type Db = sqlx::Sqlite;

/// How a writing transaction begins: with the write lock, so that it cannot fail half way for want of it.
pub const BEGIN: &str = "BEGIN IMMEDIATE";

/// How many transactions may write at once. More would only wait inside SQLite, unfairly.
pub const WRITERS: usize = 1;

/// How the place of a statement's value number `number` is written where there are many of them. Without its number:
/// SQLite looks each numbered one up among all the others, so that a thousand cost a million steps.
pub fn place(_number: usize) -> String {
    "?".to_owned()
}

const CONNECTIONS: u32 = 8;

/// How long to wait for another writer, or for another opener of a new file.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// Opens the database at `url` (`sqlite:PATH`), creating the file if it is missing.
///
/// Every commit is on disk before it is answered (`synchronous = FULL`).
pub async fn open(url: &str) -> Result<sqlx::Pool<Db>, sqlx::Error> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is deleted or replaced is overwritten, not left in a free place of the file: an erased key is gone. It costs
        // next to nothing here, where nearly all writes append.
        .pragma("secure_delete", "ON")
        .busy_timeout(PATIENCE);
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS);
    let turned_away_until = Instant::now() + PATIENCE;
    loop {
        match pool.clone().connect_with(options.clone()).await {
            // Switching a new file to its log is the one thing SQLite does not wait for: while another process does it, we
            // are turned away at once.
            Err(error) if is_unavailable(&error) && Instant::now() < turned_away_until => {
                tokio::time::sleep(PAUSE).await;
            }
            opened => return opened,
        }
    }
}

/// Brings the schema up to date. In one transaction: SQLite has no other lock that would keep a second opener out.
pub async fn migrate(pool: &sqlx::Pool<Db>, migrator: &Migrator) -> Result<(), MigrateError> {
    let mut tx = pool.begin_with(BEGIN).await?;
    migrator.run(&mut *tx).await?;
    Ok(tx.commit().await?)
}

/// Tells other processes of a commit. There are none.
pub fn announce(_pool: &sqlx::Pool<Db>) {}

/// Empties the write-ahead log, which keeps old versions of pages until it is written over. Waits for readers of old
/// versions as long as for any other lock.
pub async fn clear_traces(pool: &sqlx::Pool<Db>) -> Result<(), sqlx::Error> {
    let row = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(pool).await?;
    // The first column tells whether somebody was in the way.
    if row.try_get::<i64, _>(0)? == 0 { Ok(()) } else { Err(sqlx::Error::PoolTimedOut) }
}

/// Listens for commits of other processes. There are none.
pub fn listen(_pool: &sqlx::Pool<Db>, _waker: &Waker) {}

/// Whether an error says that the database cannot be reached or is busy, rather than that something is wrong.
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::WorkerCrashed => true,
        // 5 SQLITE_BUSY, 6 SQLITE_LOCKED in the low byte.
        sqlx::Error::Database(error) => error
            .code()
            .and_then(|code| code.parse::<i32>().ok())
            .is_some_and(|code| matches!(code & 0xff, 5 | 6)),
        _ => false,
    }
}

/// Whether an error says that another transaction won a race, so that trying again may succeed. SQLite has no such.
pub fn is_race(_error: &sqlx::Error) -> bool {
    false
}

/// Turns an engine error into a store's.
pub fn failure(error: sqlx::Error) -> StoreError {
    if is_unavailable(&error) {
        StoreError::Unavailable(Box::new(error))
    } else {
        StoreError::Failed(Box::new(error))
    }
}
