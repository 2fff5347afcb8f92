//! Fresh databases for tests, on both engines.

use sqlx::{Connection as _, Executor as _};
use tempfile::TempDir;
use uuid::Uuid;

/// The variable that names a PostgreSQL server where tests may create databases. `cargo xtask test` sets it.
pub const POSTGRES_URL: &str = "GREENROOM_TEST_POSTGRES_URL";

/// A database of one test. The file of a SQLite database goes with it; a PostgreSQL database goes with the throw-away
/// server.
#[derive(Debug)]
pub struct TestDatabase {
    /// Where it is, as a service's configuration spells it.
    pub url: String,
    _folder: Option<TempDir>,
}

/// A new SQLite database.
///
/// # Panics
/// If there is no room for temporary files.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub fn sqlite() -> TestDatabase {
    let folder = TempDir::new().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    TestDatabase { url, _folder: Some(folder) }
}

/// A new PostgreSQL database on the server that `GREENROOM_TEST_POSTGRES_URL` names.
///
/// # Panics
/// If the variable is missing or the server does not answer: a test for PostgreSQL never passes without one.
#[expect(
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test cannot go on without it, and says what to do"
)]
pub async fn postgres() -> TestDatabase {
    let Ok(server) = std::env::var(POSTGRES_URL) else {
        panic!("{POSTGRES_URL} is not set; `cargo xtask test` starts a PostgreSQL server and sets it");
    };
    let name = format!("test_{}", Uuid::new_v4().simple());
    let created = async {
        let mut connection = sqlx::PgConnection::connect(&server).await?;
        let statement = format!("CREATE DATABASE {name}");
        connection.execute(sqlx::AssertSqlSafe(statement)).await?;
        connection.close().await
    };
    if let Err(error) = created.await {
        panic!("cannot create a database on the server that {POSTGRES_URL} names: {error}");
    }
    TestDatabase { url: with_database(&server, &name), _folder: None }
}

/// The same server, another database.
fn with_database(server: &str, name: &str) -> String {
    let (address, options) = server.split_once('?').map_or((server, None), |(a, o)| (a, Some(o)));
    let host = address.find("://").map_or(0, |at| at + 3);
    let end = address.get(host..).and_then(|rest| rest.find('/')).map_or(address.len(), |slash| host + slash);
    let base = address.get(..end).unwrap_or(address);
    match options {
        Some(options) => format!("{base}/{name}?{options}"),
        None => format!("{base}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn only_the_database_of_an_address_is_replaced() {
        assert_eq!(with_database("postgres://u@h:5/db", "t"), "postgres://u@h:5/t");
        assert_eq!(with_database("postgres://u@h:5", "t"), "postgres://u@h:5/t");
        assert_eq!(with_database("postgres:///db?host=/tmp/s", "t"), "postgres:///t?host=/tmp/s");
    }
}
