//! Roll imports and their rows.

use super::roll_rows::{ImportRow, RollRow, ShapeRow};
use super::rows::CertificateRow;
use crate::engine;
use crate::feed_store::many::{Many, Row};
use crate::feed_store::{FeedStore, Unit, unique_or};
use greenroom_domain::certification::port::{Approval, CertificateRecord, PlanRow, RollImport, RollShape};
use greenroom_domain::certification::{RollCode, RollVerdict};
use greenroom_domain::kernel::{IssuerId, RollImportId, StandardId, Timestamp};
use greenroom_domain::ledger::{StoreError, Write};
use sqlx::{query_file, query_file_as};
use std::sync::LazyLock;

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

pub(super) async fn with_finding(
    pool: &Pool,
    import: &RollImportId,
    code: RollCode,
    after: i64,
    limit: i64,
) -> Result<Vec<PlanRow>, StoreError> {
    // An underscore stands for any character there, which no other code differs by. A column never has a line break.
    let line = format!("%{} %", code.code());
    let rows =
        query_file_as!(RollRow, "../queries/list_rows_with_finding.sql", import.as_str(), after, line, limit)
            .fetch_all(pool)
            .await;
    read_rows(rows)
}

pub(super) async fn without_number(pool: &Pool, import: &RollImportId) -> Result<i64, StoreError> {
    let row = query_file!("../queries/count_rows_without_number.sql", import.as_str())
        .fetch_one(pool)
        .await
        .map_err(engine::failure)?;
    Ok(row.count)
}

pub(super) async fn missing(
    pool: &Pool,
    import: &RollImport,
    after: &str,
    limit: i64,
) -> Result<Vec<CertificateRecord>, StoreError> {
    let rows = query_file_as!(
        CertificateRow,
        "../queries/list_missing.sql",
        after,
        import.issuer.as_str(),
        import.standard.as_str(),
        import.id.as_str(),
        limit
    )
    .fetch_all(pool)
    .await
    .map_err(engine::failure)?;
    rows.into_iter().map(CertificateRow::read).collect()
}

pub(super) async fn in_force(
    pool: &Pool,
    issuer: &IssuerId,
    standard: &StandardId,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let (issuer, standard) = (issuer.as_str(), standard.as_str());
    let row = query_file!("../queries/count_in_force.sql", issuer, standard, now.as_micros())
        .fetch_one(pool)
        .await
        .map_err(engine::failure)?;
    Ok(row.count)
}

/// How many rows of a file are compared at once: a statement on a million would not let go when its caller does.
const WINDOW: i64 = 20_000;

pub(super) async fn first_outdated(
    pool: &Pool,
    import: &RollImport,
    after: i64,
    through: i64,
) -> Result<Option<i64>, StoreError> {
    let (id, planned) = (import.id.as_str(), import.create_time.as_micros());
    let (mut after, mut upto) = (after, 0);
    while upto < through {
        upto = (after + WINDOW).min(through);
        let row = query_file!("../queries/find_first_outdated.sql", id, after, upto, planned)
            .fetch_optional(pool)
            .await
            .map_err(engine::failure)?;
        if row.is_some() {
            return Ok(row.map(|row| row.line));
        }
        after = upto;
    }
    Ok(None)
}

pub(super) async fn shapes(
    pool: &Pool,
    import: &RollImportId,
    after: i64,
) -> Result<Vec<RollShape>, StoreError> {
    let rows = query_file_as!(ShapeRow, "../queries/list_shapes.sql", import.as_str(), after)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    rows.into_iter().map(ShapeRow::read).collect()
}

pub(super) async fn unfinished(
    pool: &Pool,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<RollImport>, StoreError> {
    let rows = query_file_as!(ImportRow, "../queries/list_unfinished_imports.sql", before.as_micros(), limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    rows.into_iter().map(ImportRow::read).collect()
}

pub(super) async fn stage(
    unit: &mut Unit,
    import: &RollImportId,
    rows: &[PlanRow],
) -> Result<(), StoreError> {
    static STATEMENT: LazyLock<Many> = LazyLock::new(|| Many::of(include_str!("../queries/add_row.sql")));
    let import = import.as_str();
    if let [row] = rows {
        return stage_one(unit, import, RollRow::of(row)).await;
    }
    let put = |row: &PlanRow, places: &mut Row<'_>| {
        let row = RollRow::of(row);
        places.put(import).put(row.line);
        for text in
            [row.verdict, row.number, row.certificate, row.holder, row.job_type, row.level, row.issue_date]
        {
            places.put(text);
        }
        places.put(row.base_version).put(row.before).put(row.findings);
    };
    STATEMENT.write(unit, rows, put).await.map(|_| ()).map_err(engine::failure)
}

async fn stage_one(unit: &mut Unit, import: &str, row: RollRow) -> Result<(), StoreError> {
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
        row.before,
        row.findings
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(engine::failure)
}

pub(super) async fn restage(
    feed: &FeedStore,
    import: &RollImportId,
    rows: &[PlanRow],
) -> Result<(), StoreError> {
    let mut unit = feed.begin().await?;
    save_rows(&mut unit, import, rows).await?;
    // Nothing a reader of the feed could know of has changed.
    let write = Write::by_service("restage", Vec::new(), Timestamp::from_micros(0));
    feed.finish(unit, &write).await.map(|_| ())
}

pub(super) async fn save_rows(
    unit: &mut Unit,
    import: &RollImportId,
    rows: &[PlanRow],
) -> Result<(), StoreError> {
    let import = import.as_str();
    for RollRow { line, verdict, base_version, before, findings, .. } in rows.iter().map(RollRow::of) {
        query_file!("../queries/save_row.sql", import, line, verdict, base_version, before, findings)
            .execute(unit.connection())
            .await
            .map_err(engine::failure)?;
    }
    Ok(())
}

pub(super) async fn drop_rows(unit: &mut Unit, import: &RollImportId) -> Result<(), StoreError> {
    query_file!("../queries/drop_rows.sql", import.as_str())
        .execute(unit.connection())
        .await
        .map(|_| ())
        .map_err(engine::failure)
}

fn approved(approval: Option<&Approval>) -> (&str, &str, Option<i64>) {
    approval.map_or(("", "", None), |by| (by.client.as_str(), by.person.as_str(), Some(by.time.as_micros())))
}

pub(super) async fn add(unit: &mut Unit, import: &RollImport) -> Result<(), StoreError> {
    let (approver, approved_for, approve_time) = approved(import.approval.as_ref());
    query_file!(
        "../queries/add_import.sql",
        import.id.as_str(),
        import.issuer.as_str(),
        import.standard.as_str(),
        import.file_name,
        import.coverage.code(),
        import.format.map_or("", |format| format.code()),
        import.encoding.map_or("", |encoding| encoding.code()),
        import.state.code(),
        import.totals.create,
        import.totals.update,
        import.totals.unchanged,
        import.totals.ambiguous,
        import.totals.invalid,
        import.totals.missing,
        import.in_force,
        import.withdrawals,
        import.applied_count,
        import.applied_through,
        import.rolled_back_count,
        import.kept_count,
        import.rolled_back_through,
        import.digest,
        import.create_time.as_micros(),
        import.apply_time.map(Timestamp::as_micros),
        import.planner.client.as_str(),
        import.planner.person.as_ref().map_or("", |person| person.as_str()),
        approver,
        approved_for,
        approve_time,
        import.rollback_time.map(Timestamp::as_micros),
        import.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(|error| unique_or(error, StoreError::Taken("roll_import")))
}

/// Writes an import behind the version it was read at.
pub(super) async fn save(unit: &mut Unit, import: &RollImport) -> Result<(), StoreError> {
    let (approver, approved_for, approve_time) = approved(import.approval.as_ref());
    let done = query_file!(
        "../queries/save_import.sql",
        import.id.as_str(),
        import.format.map_or("", |format| format.code()),
        import.encoding.map_or("", |encoding| encoding.code()),
        import.state.code(),
        import.totals.create,
        import.totals.update,
        import.totals.unchanged,
        import.totals.ambiguous,
        import.totals.invalid,
        import.totals.missing,
        import.in_force,
        import.withdrawals,
        import.applied_count,
        import.applied_through,
        import.rolled_back_count,
        import.kept_count,
        import.rolled_back_through,
        import.digest,
        import.create_time.as_micros(),
        import.apply_time.map(Timestamp::as_micros),
        approver,
        approved_for,
        approve_time,
        import.rollback_time.map(Timestamp::as_micros),
        import.version.next().as_i64(),
        import.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map_err(engine::failure)?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}
