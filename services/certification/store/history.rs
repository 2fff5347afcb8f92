//! What certificates were, who claimed them, what was said of them, and what numbers there are.

use super::rows::CertificateRow;
use super::said::{ClaimRow, EvidenceRow};
use crate::engine;
use crate::feed_store::many::{Many, Row};
use crate::feed_store::{Unit, unique_or};
use greenroom_domain::certification::port::{AsOf, CertificateRecord, ClaimRecord, KeptEvidence};
use greenroom_domain::certification::{Certificate, IssuerClass};
use greenroom_domain::kernel::{CertificateId, Id, IssuerId, OrganizationId, Timestamp};
use greenroom_domain::ledger::StoreError;
use sqlx::{query_file, query_file_as, query_file_scalar};
use std::sync::LazyLock;

type Pool = sqlx::Pool<engine::Db>;

/// Keeps a certificate as it is, before it changes. One that has another version by now is not kept, and not changed.
pub(super) async fn keep(unit: &mut Unit, certificate: &Certificate) -> Result<(), StoreError> {
    let (id, version) = (certificate.id.as_str(), certificate.version.as_i64());
    let kept = query_file!("../queries/keep_version.sql", id, version).execute(unit.connection()).await;
    // Another transaction keeps the same version at this moment: it will be the one to change it.
    kept.map(|_| ()).map_err(|error| unique_or(error, StoreError::Conflict))
}

/// The same for many.
pub(super) async fn keep_all(unit: &mut Unit, records: &[CertificateRecord]) -> Result<(), StoreError> {
    static STATEMENT: LazyLock<Many> =
        LazyLock::new(|| Many::of(include_str!("../queries/keep_versions.sql")));
    let put = |record: &CertificateRecord, row: &mut Row<'_>| {
        row.put(record.certificate.id.as_str()).put(record.certificate.version.as_i64());
    };
    let kept = STATEMENT.write(unit, records, put).await;
    kept.map(|_| ()).map_err(|error| unique_or(error, StoreError::Conflict))
}

/// The version of an earlier time. The certificate itself, its last version, is looked at first.
pub(super) async fn as_of(
    pool: &Pool,
    id: &CertificateId,
    as_of: AsOf,
) -> Result<Option<CertificateRecord>, StoreError> {
    let current = super::certificates::read(pool, id).await?;
    if current.as_ref().is_none_or(|current| current.held_at(as_of)) {
        return Ok(current);
    }
    let (known, effective) = (as_of.known.as_micros(), as_of.effective.as_micros());
    let row = query_file_as!(
        CertificateRow,
        "../queries/read_certificate_version.sql",
        id.as_str(),
        known,
        effective
    )
    .fetch_optional(pool)
    .await
    .map_err(engine::failure)?;
    row.map(CertificateRow::read).transpose()
}

pub(super) async fn lapsing(
    pool: &Pool,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<CertificateRecord>, StoreError> {
    let rows = query_file_as!(CertificateRow, "../queries/list_lapsing.sql", now.as_micros(), limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    rows.into_iter().map(CertificateRow::read).collect()
}

pub(super) async fn next_lapse(pool: &Pool) -> Result<Option<Timestamp>, StoreError> {
    let next =
        query_file_scalar!("../queries/next_lapse.sql").fetch_one(pool).await.map_err(engine::failure)?;
    Ok(next.map(Timestamp::from_micros))
}

pub(super) async fn last_number(pool: &Pool, first: &str, last: &str) -> Result<Option<String>, StoreError> {
    query_file_scalar!("../queries/last_number.sql", first, last)
        .fetch_optional(pool)
        .await
        .map_err(engine::failure)
}

pub(super) async fn numbers(
    pool: &Pool,
    first: &str,
    last: &str,
    limit: i64,
) -> Result<Vec<String>, StoreError> {
    query_file_scalar!("../queries/list_numbers.sql", first, last, limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)
}

pub(super) async fn issuers_filed(
    pool: &Pool,
    class: IssuerClass,
    code: &str,
    province: &str,
    limit: i64,
) -> Result<Vec<IssuerId>, StoreError> {
    let ids = query_file_scalar!("../queries/list_issuers_filed.sql", class.code(), code, province, limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    ids.iter().map(|text| super::rows::id(text, "issuers.id")).collect()
}

pub(super) async fn add_claim(unit: &mut Unit, claim: &ClaimRecord) -> Result<(), StoreError> {
    query_file!(
        "../queries/add_claim.sql",
        claim.certificate.as_str(),
        claim.organization.as_str(),
        claim.claim_time.as_micros()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(|error| unique_or(error, StoreError::Conflict))
}

pub(super) async fn claim(
    pool: &Pool,
    certificate: &CertificateId,
    organization: &OrganizationId,
) -> Result<Option<ClaimRecord>, StoreError> {
    let (certificate, organization) = (Id::as_str(certificate), Id::as_str(organization));
    let row = query_file_as!(ClaimRow, "../queries/read_claim.sql", certificate, organization)
        .fetch_optional(pool)
        .await
        .map_err(engine::failure)?;
    row.map(ClaimRow::read).transpose()
}

pub(super) async fn claims(
    pool: &Pool,
    (certificate, organization): (&str, &str),
    limit: i64,
) -> Result<Vec<ClaimRecord>, StoreError> {
    let rows = query_file_as!(ClaimRow, "../queries/list_claims.sql", certificate, organization, limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    rows.into_iter().map(ClaimRow::read).collect()
}

pub(super) async fn evidence(
    pool: &Pool,
    certificate: &CertificateId,
    after: &str,
    limit: i64,
) -> Result<Vec<KeptEvidence>, StoreError> {
    let rows =
        query_file_as!(EvidenceRow, "../queries/list_evidence.sql", certificate.as_str(), after, limit)
            .fetch_all(pool)
            .await
            .map_err(engine::failure)?;
    rows.into_iter().map(EvidenceRow::read).collect()
}

pub(super) async fn all_evidence(
    pool: &Pool,
    after: &str,
    limit: i64,
) -> Result<Vec<KeptEvidence>, StoreError> {
    let rows = query_file_as!(EvidenceRow, "../queries/list_all_evidence.sql", after, limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    rows.into_iter().map(EvidenceRow::read).collect()
}

pub(super) async fn versions(
    pool: &Pool,
    (id, version): (&str, i64),
    limit: i64,
) -> Result<Vec<CertificateRecord>, StoreError> {
    let rows = query_file_as!(CertificateRow, "../queries/list_certificate_versions.sql", id, version, limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    rows.into_iter().map(CertificateRow::read).collect()
}
