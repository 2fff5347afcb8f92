//! All that is stored in a database, as bytes.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};
use std::path::{Path, PathBuf};

/// Every value of every table.
///
/// # Panics
/// If the database cannot be read.
pub async fn stored(url: &str) -> Vec<u8> {
    let stored = if url.starts_with("sqlite:") { of_sqlite(url).await } else { of_postgres(url).await };
    let stored = stored.expect("a readable database");
    assert!(!stored.is_empty(), "nothing is stored in {url}");
    stored
}

#[expect(clippy::disallowed_methods, reason = "reads whatever tables there are")]
async fn of_sqlite(url: &str) -> sqlx::Result<Vec<u8>> {
    let mut connection = SqliteConnection::connect(url).await?;
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await?;
    let mut stored = Vec::new();
    for table in tables {
        let columns = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)").bind(&table);
        let columns: Vec<String> = columns.fetch_all(&mut connection).await?;
        let values: Vec<_> = columns.iter().map(|name| format!("CAST(\"{name}\" AS BLOB)")).collect();
        let select = AssertSqlSafe(format!("SELECT {} FROM \"{table}\"", values.join(", ")));
        for row in sqlx::query(select).fetch_all(&mut connection).await? {
            for column in 0..row.len() {
                let value: Option<Vec<u8>> = row.try_get_unchecked(column)?;
                stored.extend(value.unwrap_or_default());
                stored.push(b'\n');
            }
        }
    }
    connection.close().await?;
    Ok(stored)
}

#[expect(clippy::disallowed_methods, reason = "reads whatever tables there are")]
async fn of_postgres(url: &str) -> sqlx::Result<Vec<u8>> {
    let mut connection = PgConnection::connect(url).await?;
    let tables = "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables \
                  WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await?;
    let mut stored = Vec::new();
    for table in tables {
        // Bytes are shown in hexadecimal.
        let select = AssertSqlSafe(format!("SELECT it::text FROM {table} AS it"));
        let rows: Vec<String> = sqlx::query_scalar(select).fetch_all(&mut connection).await?;
        for row in rows {
            stored.extend(row.into_bytes());
            stored.push(b'\n');
        }
    }
    connection.close().await?;
    Ok(stored)
}

/// Every file below a folder with its bytes. A file that goes meanwhile, as a database's log does, is passed over.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path, bytes));
        }
    }
    found
}
