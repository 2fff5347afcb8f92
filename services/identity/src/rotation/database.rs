//! What a rotation asks of the database, whichever engine it is.

use super::RotationError;
use crate::config::Config;
use greenroom_domain::identity::port::{Store as _, Wrapped, WrappedKind};
use greenroom_domain::ledger::StoreError;
use greenroom_identity_store_postgres::Store as PostgresStore;
use greenroom_identity_store_sqlite::Store as SqliteStore;

/// The database with what is wrapped in it.
pub enum Wraps {
    /// On SQLite.
    Sqlite(SqliteStore),
    /// On PostgreSQL.
    Postgres(PostgresStore),
}

impl Wraps {
    /// Opens the configured database.
    pub async fn open(config: &Config) -> Result<Self, RotationError> {
        let url = &config.database_url;
        if url.starts_with("sqlite:") {
            Ok(Self::Sqlite(SqliteStore::open(url).await?))
        } else if crate::is_postgres(url) {
            Ok(Self::Postgres(PostgresStore::open(url).await?))
        } else {
            Err(RotationError::UnknownDatabase)
        }
    }

    /// What other keys than `present` wrap, and how much that is in all.
    pub async fn elsewhere(
        &self,
        kind: WrappedKind,
        present: &str,
        limit: i64,
    ) -> Result<(Vec<Wrapped>, i64), StoreError> {
        match self {
            Self::Sqlite(store) => store.wrapped_elsewhere(kind, present, limit).await,
            Self::Postgres(store) => store.wrapped_elsewhere(kind, present, limit).await,
        }
    }

    /// Puts new ciphertexts in the place of old ones.
    pub async fn rewrap(&self, kind: WrappedKind, changes: &[(Wrapped, Wrapped)]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.rewrap(kind, changes).await,
            Self::Postgres(store) => store.rewrap(kind, changes).await,
        }
    }

    /// How much each key wraps.
    pub async fn counts(&self, kind: WrappedKind) -> Result<Vec<(String, i64)>, StoreError> {
        match self {
            Self::Sqlite(store) => store.wrapped_counts(kind).await,
            Self::Postgres(store) => store.wrapped_counts(kind).await,
        }
    }

    /// How much one key wraps.
    pub async fn count(&self, id: &str) -> Result<i64, StoreError> {
        let mut count = 0;
        for kind in [WrappedKind::DataKeys, WrappedKind::SigningKeys] {
            let counts = self.counts(kind).await?;
            count += counts.iter().filter(|(by, _)| by == id).map(|(_, count)| count).sum::<i64>();
        }
        Ok(count)
    }

    /// Closes the connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }
}
