//! Records: whatever the registry keeps as its last fact alone.

use super::all;
use super::rows::RecordRow;
use crate::engine;
use crate::feed_store::{Unit, unique_or};
use greenroom_domain::kernel::{OrganizationId, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::port::Kept;
use greenroom_domain::registry::{Record, RecordFilter, RecordKind};
use sqlx::{query_file, query_file_as};

type Pool = sqlx::Pool<engine::Db>;

/// Adds a record, or replaces it where it has the version it was read at.
pub async fn keep(unit: &mut Unit, kept: &Kept) -> Result<(), StoreError> {
    match kept.read_at {
        None => insert(unit, &kept.record).await,
        Some(read_at) => save(unit, &kept.record, read_at).await,
    }
}

async fn insert(unit: &mut Unit, record: &Record) -> Result<(), StoreError> {
    let inserted = query_file!(
        "../queries/insert_record.sql",
        record.name,
        record.kind.code(),
        record.owner.as_str(),
        record.about,
        record.key,
        record.state,
        record.version.as_i64(),
        record.created_at.as_micros(),
        record.updated_at.as_micros(),
        record.fact
    )
    .execute(unit.connection())
    .await
    .map_err(|error| unique_or(error, StoreError::Taken("key")))?;
    if inserted.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Taken("name")) }
}

async fn save(unit: &mut Unit, record: &Record, read_at: Version) -> Result<(), StoreError> {
    let saved = query_file!(
        "../queries/save_record.sql",
        record.name,
        record.about,
        record.key,
        record.state,
        record.version.as_i64(),
        record.updated_at.as_micros(),
        record.fact,
        read_at.as_i64()
    )
    .execute(unit.connection())
    .await
    .map_err(|error| unique_or(error, StoreError::Taken("key")))?;
    if saved.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// One record.
pub async fn read(pool: &Pool, name: &str) -> Result<Option<Record>, StoreError> {
    let row = query_file_as!(RecordRow, "../queries/read_record.sql", name);
    row.fetch_optional(pool).await.map_err(engine::failure)?.map(Record::try_from).transpose()
}

/// A page of the records of one kind and owner that pass a filter.
pub async fn list(
    pool: &Pool,
    (kind, owner): (RecordKind, &OrganizationId),
    filter: &RecordFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<Record>, StoreError> {
    let (kind, owner, state) = (kind.code(), owner.as_str(), filter.state.as_deref());
    all(match &filter.about {
        None => {
            query_file_as!(RecordRow, "../queries/list_records.sql", owner, kind, after, state, limit)
                .fetch_all(pool)
                .await
        }
        Some(about) => {
            let rows = query_file_as!(
                RecordRow,
                "../queries/list_records_about.sql",
                owner,
                kind,
                about,
                after,
                state,
                limit
            );
            rows.fetch_all(pool).await
        }
    })
}

/// A page of all records.
pub async fn load(pool: &Pool, after: &str, limit: i64) -> Result<Vec<Record>, StoreError> {
    all(query_file_as!(RecordRow, "../queries/load_records.sql", after, limit).fetch_all(pool).await)
}
