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

    /// What other keys than `present` wrap, behind `after`.
    pub async fn elsewhere(
        &self,
        kind: WrappedKind,
        present: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Wrapped>, StoreError> {
        match self {
            Self::Sqlite(store) => store.wrapped_elsewhere(kind, present, after, limit).await,
            Self::Postgres(store) => store.wrapped_elsewhere(kind, present, after, limit).await,
        }
    }

    /// How much other keys than `present` wrap.
    pub async fn left(&self, present: &str) -> Result<i64, StoreError> {
        self.sum(|by| by != present).await
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
        self.sum(|by| by == id).await
    }

    async fn sum(&self, counts: impl Fn(&str) -> bool) -> Result<i64, StoreError> {
        let mut sum = 0;
        for kind in [WrappedKind::DataKeys, WrappedKind::SigningKeys] {
            let wrapped = self.counts(kind).await?;
            sum += wrapped.iter().filter(|(by, _)| counts(by)).map(|(_, count)| count).sum::<i64>();
        }
        Ok(sum)
    }

    /// Closes the connections.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }
}
