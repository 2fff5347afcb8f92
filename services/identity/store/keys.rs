//! Signing keys, and what is encrypted with the master key.

use super::rows::{Connection, added, saved};
use crate::engine::{Db, failure};
use greenroom_domain::identity::port::{SigningKeyRecord, Wrapped, WrappedKind};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::StoreError;
use sqlx::{Pool, query_file, query_file_as};

pub async fn signing_keys(pool: &Pool<Db>) -> Result<Vec<SigningKeyRecord>, StoreError> {
    let rows = query_file!("../queries/list_signing_keys.sql").fetch_all(pool).await.map_err(failure)?;
    let keys = rows.into_iter().map(|row| SigningKeyRecord {
        key_id: row.key_id,
        public_jwk: row.public_jwk,
        sealed: row.sealed,
        wrapped_by: row.wrapped_by,
        active_from: Timestamp::from_micros(row.active_from_us),
        retired_from: row.retired_from_us.map(Timestamp::from_micros),
    });
    Ok(keys.collect())
}

pub async fn add_signing_key(connection: &mut Connection, new: &SigningKeyRecord) -> Result<(), StoreError> {
    let row = query_file!(
        "../queries/add_signing_key.sql",
        new.key_id,
        new.public_jwk,
        new.sealed,
        new.wrapped_by,
        new.active_from.as_micros(),
        new.retired_from.map(Timestamp::as_micros)
    );
    added(row.execute(connection).await, "signing_key")
}

pub async fn retire_signing_key(
    connection: &mut Connection,
    key_id: &str,
    read: Option<Timestamp>,
    retired_from: Timestamp,
) -> Result<(), StoreError> {
    let (read, retired_from) = (read.map(Timestamp::as_micros), retired_from.as_micros());
    let row = query_file!("../queries/retire_signing_key.sql", key_id, read, retired_from);
    saved(row.execute(connection).await, "signing_key")
}

pub async fn wrapped_elsewhere(
    pool: &Pool<Db>,
    kind: WrappedKind,
    present: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<Wrapped>, StoreError> {
    let rows = match kind {
        WrappedKind::DataKeys => {
            query_file_as!(Wrapped, "../queries/list_wrapped_data_keys.sql", present, after, limit)
                .fetch_all(pool)
                .await
        }
        WrappedKind::SigningKeys => {
            query_file_as!(Wrapped, "../queries/list_wrapped_signing_keys.sql", present, after, limit)
                .fetch_all(pool)
                .await
        }
    };
    rows.map_err(failure)
}

pub async fn wrapped_counts(pool: &Pool<Db>, kind: WrappedKind) -> Result<Vec<(String, i64)>, StoreError> {
    match kind {
        WrappedKind::DataKeys => {
            let rows =
                query_file!("../queries/count_data_keys.sql").fetch_all(pool).await.map_err(failure)?;
            Ok(rows.into_iter().map(|row| (row.wrapped_by, row.count)).collect())
        }
        WrappedKind::SigningKeys => {
            let rows =
                query_file!("../queries/count_signing_keys.sql").fetch_all(pool).await.map_err(failure)?;
            Ok(rows.into_iter().map(|row| (row.wrapped_by, row.count)).collect())
        }
    }
}

pub async fn rewrap(
    connection: &mut Connection,
    kind: WrappedKind,
    read: &Wrapped,
    new: &Wrapped,
) -> Result<(), StoreError> {
    // One that somebody else changed meanwhile is met again, if it still needs it.
    let (id, old) = (&read.id, &read.ciphertext);
    match kind {
        WrappedKind::DataKeys => {
            query_file!("../queries/rewrap_data_key.sql", id, old, new.ciphertext, new.wrapped_by)
                .execute(connection)
                .await
        }
        WrappedKind::SigningKeys => {
            query_file!("../queries/rewrap_signing_key.sql", id, old, new.ciphertext, new.wrapped_by)
                .execute(connection)
                .await
        }
    }
    .map(drop)
    .map_err(failure)
}
