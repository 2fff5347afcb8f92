//! The standards that were told.

use super::rows::StandardRow;
use crate::engine;
use crate::feed_store::{Unit, unique_or};
use greenroom_domain::certification::port::StandardRecord;
use greenroom_domain::kernel::Version;
use greenroom_domain::ledger::StoreError;
use sqlx::{query_file, query_file_as};

type Pool = sqlx::Pool<engine::Db>;

pub(super) async fn list(pool: &Pool, after: &str, limit: i64) -> Result<Vec<StandardRecord>, StoreError> {
    let rows = query_file_as!(StandardRow, "../queries/list_standards.sql", after, limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    rows.into_iter().map(StandardRow::read).collect()
}

/// Writes a standard as it is to be told: a new one, or the version behind the one that is there.
pub(super) async fn tell(unit: &mut Unit, record: &StandardRecord) -> Result<(), StoreError> {
    let row = StandardRow::of(record);
    if record.version == Version::FIRST {
        return query_file!(
            "../queries/add_standard.sql",
            row.id,
            row.edition,
            row.occupation_codes,
            row.job_types,
            row.digest,
            row.tell_time_us,
            row.version
        )
        .execute(unit.connection())
        .await
        .map(|_| ())
        .map_err(|error| unique_or(error, StoreError::Conflict));
    }
    let done = query_file!(
        "../queries/save_standard.sql",
        row.id,
        row.edition,
        row.occupation_codes,
        row.job_types,
        row.digest,
        row.tell_time_us,
        row.version,
        row.version - 1
    )
    .execute(unit.connection())
    .await
    .map_err(engine::failure)?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}
