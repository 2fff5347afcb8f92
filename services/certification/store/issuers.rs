//! Issuers and their accreditations.

use super::rows::{AccreditationRow, IssuerRow, accreditation_rows};
use crate::engine;
use crate::feed_store::{Unit, unique_or};
use greenroom_domain::certification::port::IssuerRecord;
use greenroom_domain::kernel::IssuerId;
use greenroom_domain::ledger::StoreError;
use sqlx::{query_file, query_file_as};

type Pool = sqlx::Pool<engine::Db>;

pub(super) async fn read(pool: &Pool, id: &IssuerId) -> Result<Option<IssuerRecord>, StoreError> {
    let row = query_file_as!(IssuerRow, "../queries/read_issuer.sql", id.as_str())
        .fetch_optional(pool)
        .await
        .map_err(engine::failure)?;
    match row {
        Some(row) => with_accreditations(pool, row).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn list(pool: &Pool, after: &str, limit: i64) -> Result<Vec<IssuerRecord>, StoreError> {
    let rows = query_file_as!(IssuerRow, "../queries/list_issuers.sql", after, limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        records.push(with_accreditations(pool, row).await?);
    }
    Ok(records)
}

/// Accreditations are written once, with their issuer, so reading them a moment later reads the same.
async fn with_accreditations(pool: &Pool, row: IssuerRow) -> Result<IssuerRecord, StoreError> {
    let rows = query_file_as!(AccreditationRow, "../queries/read_accreditations.sql", row.id)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    row.read(rows)
}

pub(super) async fn add(unit: &mut Unit, record: &IssuerRecord) -> Result<(), StoreError> {
    let issuer = &record.issuer;
    query_file!(
        "../queries/add_issuer.sql",
        issuer.id.as_str(),
        issuer.organization.as_str(),
        record.display_name,
        issuer.class.code(),
        issuer.code,
        issuer.province,
        issuer.standing.code(),
        issuer.version.as_i64(),
        record.create_time.as_micros(),
        record.update_time.as_micros()
    )
    .execute(unit.connection())
    .await
    .map_err(|error| unique_or(error, StoreError::Taken("issuer")))?;
    for row in accreditation_rows(issuer) {
        query_file!(
            "../queries/add_accreditation.sql",
            row.issuer,
            row.place,
            row.standard,
            row.job_type,
            row.level,
            row.from_date,
            row.to_date
        )
        .execute(unit.connection())
        .await
        .map_err(engine::failure)?;
    }
    Ok(())
}
