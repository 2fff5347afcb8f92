//! Roll imports and their rows.

use super::rows::{ImportRow, RollRow, written};
use crate::engine;
use crate::feed_store::{FeedStore, Unit};
use greenroom_domain::certification::RollVerdict;
use greenroom_domain::certification::port::{PlanRow, RollImport};
use greenroom_domain::kernel::{RollImportId, Timestamp};
use greenroom_domain::ledger::{StoreError, Write};
use sqlx::{query_file, query_file_as};

type Pool = sqlx::Pool<engine::Db>;

pub(super) async fn read(pool: &Pool, id: &RollImportId) -> Result<Option<RollImport>, StoreError> {
    let row = query_file_as!(ImportRow, "../queries/read_import.sql", id.as_str())
        .fetch_optional(pool)
        .await
        .map_err(engine::failure)?;
    row.map(ImportRow::read).transpose()
}

pub(super) async fn list(pool: &Pool, after: &str, limit: i64) -> Result<Vec<RollImport>, StoreError> {
    let rows = query_file_as!(ImportRow, "../queries/list_imports.sql", after, limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    rows.into_iter().map(ImportRow::read).collect()
}

pub(super) async fn rows(
    pool: &Pool,
    import: &RollImportId,
    verdict: Option<RollVerdict>,
    after: i64,
    limit: i64,
) -> Result<Vec<PlanRow>, StoreError> {
    let import = import.as_str();
    let rows = match verdict {
        Some(verdict) => {
            let verdict = verdict.code();
            query_file_as!(RollRow, "../queries/list_rows_with_verdict.sql", import, after, verdict, limit)
                .fetch_all(pool)
                .await
        }
        None => {
            query_file_as!(RollRow, "../queries/list_rows.sql", import, after, limit).fetch_all(pool).await
        }
    };
    read_rows(rows)
}

pub(super) async fn to_apply(
    pool: &Pool,
    import: &RollImportId,
    after: i64,
    limit: i64,
) -> Result<Vec<PlanRow>, StoreError> {
    let import = import.as_str();
    read_rows(
        query_file_as!(RollRow, "../queries/list_rows_to_apply.sql", import, after, limit)
            .fetch_all(pool)
            .await,
    )
}

pub(super) async fn numbered(
    pool: &Pool,
    import: &RollImportId,
    number: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<PlanRow>, StoreError> {
    let import = import.as_str();
    read_rows(
        query_file_as!(RollRow, "../queries/list_rows_numbered.sql", import, number, after, limit)
            .fetch_all(pool)
            .await,
    )
}

fn read_rows(rows: Result<Vec<RollRow>, sqlx::Error>) -> Result<Vec<PlanRow>, StoreError> {
    rows.map_err(engine::failure)?.into_iter().map(RollRow::read).collect()
}

pub(super) async fn repeated(
    pool: &Pool,
    import: &RollImportId,
    after: &str,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    let rows = query_file!("../queries/list_repeated_numbers.sql", import.as_str(), after, limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    Ok(rows.into_iter().map(|row| row.number).collect())
}

pub(super) async fn stage(
    feed: &FeedStore,
    import: &RollImportId,
    rows: &[PlanRow],
) -> Result<(), StoreError> {
    let mut unit = feed.begin().await?;
    let import = import.as_str();
    for row in rows.iter().map(RollRow::of) {
        query_file!(
            "../queries/add_row.sql",
            import,
            row.line,
            row.verdict,
            row.number,
            row.certificate,
            row.holder,
            row.job_type,
            row.level,
            row.issue_date,
            row.base_version,
            row.findings
        )
        .execute(unit.connection())
        .await
        .map_err(engine::failure)?;
    }
    quietly(feed, unit).await
}

pub(super) async fn restage(
    feed: &FeedStore,
    import: &RollImportId,
    rows: &[PlanRow],
) -> Result<(), StoreError> {
    let mut unit = feed.begin().await?;
    let import = import.as_str();
    for row in rows {
        let (verdict, findings) = (row.verdict.code(), written(&row.findings));
        query_file!("../queries/save_row.sql", import, row.row, verdict, findings)
            .execute(unit.connection())
            .await
            .map_err(engine::failure)?;
    }
    quietly(feed, unit).await
}

pub(super) async fn unstage(feed: &FeedStore, import: &RollImportId) -> Result<(), StoreError> {
    let mut unit = feed.begin().await?;
    query_file!("../queries/drop_rows.sql", import.as_str())
        .execute(unit.connection())
        .await
        .map_err(engine::failure)?;
    quietly(feed, unit).await
}

pub(super) async fn unstage_abandoned(feed: &FeedStore, before: &str) -> Result<(), StoreError> {
    let mut unit = feed.begin().await?;
    query_file!("../queries/drop_abandoned_rows.sql", before)
        .execute(unit.connection())
        .await
        .map_err(engine::failure)?;
    quietly(feed, unit).await
}

/// Commits without an event: nothing a reader of the feed could know of has changed.
async fn quietly(feed: &FeedStore, unit: Unit) -> Result<(), StoreError> {
    let write = Write::by_service("stage", Vec::new(), Timestamp::from_micros(0));
    feed.finish(unit, &write).await.map(|_| ())
}

pub(super) async fn add(unit: &mut Unit, import: &RollImport) -> Result<(), StoreError> {
    query_file!(
        "../queries/add_import.sql",
        import.id.as_str(),
        import.issuer.as_str(),
        import.standard.as_str(),
        import.file_name,
        import.state.code(),
        import.totals.create,
        import.totals.update,
        import.totals.unchanged,
        import.totals.ambiguous,
        import.totals.invalid,
        import.applied_count,
        import.applied_through,
        import.digest,
        import.create_time.as_micros(),
        import.apply_time.map(Timestamp::as_micros),
        import.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(engine::failure)
}

/// Writes an import behind the version it was read at.
pub(super) async fn save(unit: &mut Unit, import: &RollImport) -> Result<(), StoreError> {
    let done = query_file!(
        "../queries/save_import.sql",
        import.id.as_str(),
        import.state.code(),
        import.applied_count,
        import.applied_through,
        import.apply_time.map(Timestamp::as_micros),
        import.version.next().as_i64(),
        import.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map_err(engine::failure)?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}
