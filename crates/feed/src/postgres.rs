//! What PostgreSQL does differently: many writers, many processes, and `LISTEN`/`NOTIFY` to wake them.

use crate::wake::Waker;
use greenroom_domain::ledger::StoreError;
use sqlx::Connection as _;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use std::future::{Ready, ready};
use std::str::FromStr as _;
use std::time::Duration;

/// The engine.
pub type Db = sqlx::Postgres;

/// How a writing transaction begins. Conflicts are found by version numbers, so the default isolation suffices.
pub const BEGIN: &str = "BEGIN";

/// How many transactions may write at once. Fewer than there are connections: readers never wait for writers.
pub const WRITERS: usize = 8;

/// How the place of a statement's value number `number` is written.
pub fn place(number: usize) -> String {
    format!("${number}")
}

const CONNECTIONS: u32 = 16;
const CHANNEL: &str = "greenroom_feed";

/// A writer holds the feed's head row until it commits. One that froze, or whose machine is gone, must not hold it for
/// longer than this: the server ends its transaction, and whoever waits is told to come back.
const SAFEGUARDS: [(&str, &str); 5] = [
    ("idle_in_transaction_session_timeout", "10s"),
    ("lock_timeout", "10s"),
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
];

/// Opens the database at `url` (`postgres://…`).
pub async fn open(url: &str) -> Result<sqlx::Pool<Db>, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?.options(SAFEGUARDS);
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(Duration::from_secs(10));
    pool.connect_with(options).await
}

/// Brings the schema up to date. The migrator holds an advisory lock, so that replicas starting together take turns,
/// however long that takes.
pub async fn migrate(pool: &sqlx::Pool<Db>, migrator: &Migrator) -> Result<(), MigrateError> {
    let mut connection = pool.acquire().await?.detach();
    sqlx::raw_sql("SET lock_timeout = 0").execute(&mut connection).await?;
    migrator.run(&mut connection).await?;
    Ok(connection.close().await?)
}

/// Nothing: old rows stay until `VACUUM`, and in the write-ahead log and its archive for as long as these are kept.
pub fn clear_traces(_pool: &sqlx::Pool<Db>) -> Ready<Result<(), sqlx::Error>> {
    ready(Ok(()))
}

/// Tells other processes of a commit, in a transaction of its own: inside the writing one, `NOTIFY` would serialise
/// all commits of the cluster. The writer does not wait for it: other processes also look by themselves.
pub fn announce(pool: &sqlx::Pool<Db>) {
    let pool = pool.clone();
    tokio::spawn(async move {
        if let Err(error) = sqlx::raw_sql("NOTIFY greenroom_feed").execute(&pool).await {
            tracing::debug!(error = %error, "could not announce a commit");
        }
    });
}

/// Listens for commits of other processes for as long as the pool is open. Losing the connection loses hints only.
pub fn listen(pool: &sqlx::Pool<Db>, waker: &Waker) {
    let (pool, waker) = (pool.clone(), waker.clone());
    tokio::spawn(async move {
        while !pool.is_closed() {
            if let Err(error) = hear(&pool, &waker).await {
                tracing::debug!(error = %error, "lost the connection that listens for commits; listening again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    });
}

async fn hear(pool: &sqlx::Pool<Db>, waker: &Waker) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        waker.wake();
        listener.recv().await?;
    }
}

/// Whether an error says that the database cannot be reached or is busy, rather than that something is wrong.
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Io(_)
        | sqlx::Error::WorkerCrashed => true,
        // Class 08: connection exceptions; 53: out of resources; 57P: shut down by an administrator. 25006: read-only, as
        // during a switch-over; 25P03 and 55P03: the safeguards above.
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            let class = ["08", "53", "57P"].iter().any(|class| code.starts_with(class));
            class || matches!(code.as_ref(), "25006" | "25P03" | "55P03")
        }),
        _ => false,
    }
}

/// Whether an error says that another transaction won a race, so that trying again may succeed.
pub fn is_race(error: &sqlx::Error) -> bool {
    // 40001 serialization failure, 40P01 deadlock.
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01"))
}

/// Turns an engine error into a store's.
pub fn failure(error: sqlx::Error) -> StoreError {
    if is_unavailable(&error) {
        StoreError::Unavailable(Box::new(error))
    } else if is_race(&error) {
        StoreError::Conflict
    } else {
        StoreError::Failed(Box::new(error))
    }
}
