//! Certificates and their evidence.

use super::rows::CertificateRow;
use crate::engine;
use crate::feed_store::many::{Many, Row};
use crate::feed_store::{Unit, unique_or};
use greenroom_domain::certification::port::{CertificateFilter, CertificateRecord, EvidenceRecord};
use greenroom_domain::kernel::{CertificateId, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use sqlx::{query_file, query_file_as};
use std::sync::LazyLock;

type Pool = sqlx::Pool<engine::Db>;

pub(super) async fn read(pool: &Pool, id: &CertificateId) -> Result<Option<CertificateRecord>, StoreError> {
    let row = query_file_as!(CertificateRow, "../queries/read_certificate.sql", id.as_str())
        .fetch_optional(pool)
        .await
        .map_err(engine::failure)?;
    row.map(CertificateRow::read).transpose()
}

/// Sixteen at a time: a statement for each number would cost more than the look-up itself. The places left over repeat
/// the empty text, which is nobody's number.
pub(super) async fn numbered(pool: &Pool, numbers: &[String]) -> Result<Vec<CertificateRecord>, StoreError> {
    let mut connection = pool.acquire().await.map_err(engine::failure)?;
    let mut found = Vec::new();
    for chunk in numbers.chunks(16) {
        let at = |place: usize| chunk.get(place).map_or("", String::as_str);
        let rows = query_file_as!(
            CertificateRow,
            "../queries/find_certificates.sql",
            at(0),
            at(1),
            at(2),
            at(3),
            at(4),
            at(5),
            at(6),
            at(7),
            at(8),
            at(9),
            at(10),
            at(11),
            at(12),
            at(13),
            at(14),
            at(15)
        )
        .fetch_all(&mut *connection)
        .await
        .map_err(engine::failure)?;
        for row in rows {
            found.push(row.read()?);
        }
    }
    Ok(found)
}

pub(super) async fn list(
    pool: &Pool,
    filter: &CertificateFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<CertificateRecord>, StoreError> {
    let rows = match (&filter.issuer, &filter.organization) {
        (Some(issuer), _) => {
            let issuer = issuer.as_str();
            query_file_as!(CertificateRow, "../queries/list_certificates_of_issuer.sql", after, issuer, limit)
                .fetch_all(pool)
                .await
        }
        (None, Some(owner)) => {
            let owner = owner.as_str();
            query_file_as!(
                CertificateRow,
                "../queries/list_certificates_of_organization.sql",
                after,
                owner,
                limit
            )
            .fetch_all(pool)
            .await
        }
        (None, None) => {
            query_file_as!(CertificateRow, "../queries/list_certificates.sql", after, limit)
                .fetch_all(pool)
                .await
        }
    };
    rows.map_err(engine::failure)?.into_iter().map(CertificateRow::read).collect()
}

pub(super) async fn add(unit: &mut Unit, record: &CertificateRecord) -> Result<(), StoreError> {
    let certificate = &record.certificate;
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_micros);
    let (reason, explanation, basis, since) = revocation(record);
    query_file!(
        "../queries/add_certificate.sql",
        certificate.id.as_str(),
        certificate.number.as_str(),
        certificate.holder.as_str(),
        certificate.standard.as_str(),
        certificate.job_type.code(),
        certificate.level.code(),
        certificate.issuer.as_str(),
        certificate.issue_date.to_string(),
        certificate.state.code(),
        certificate.state_since.as_micros(),
        micros(certificate.verified_at),
        micros(certificate.evidence_until),
        micros(certificate.retry_at),
        micros(certificate.checked_at),
        record.source.map_or("", |source| source.code()),
        reason,
        explanation,
        basis,
        since,
        certificate.version.as_i64(),
        record.create_time.as_micros(),
        record.update_time.as_micros()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(|error| unique_or(error, StoreError::Taken("certificate")))
}

/// New certificates; `Taken` if one of their numbers is.
pub(super) async fn add_all(unit: &mut Unit, records: &[CertificateRecord]) -> Result<(), StoreError> {
    static STATEMENT: LazyLock<Many> =
        LazyLock::new(|| Many::of(include_str!("../queries/add_certificate.sql")));
    if let [record] = records {
        return add(unit, record).await;
    }
    let put = |record: &CertificateRecord, row: &mut Row<'_>| put(record, record.certificate.version, row);
    let done = STATEMENT.write(unit, records, put).await;
    done.map(|_| ()).map_err(|error| unique_or(error, StoreError::Taken("certificate")))
}

/// Changed certificates, each behind the version it was read at; `Taken` if one has another by now.
pub(super) async fn save_all(unit: &mut Unit, records: &[CertificateRecord]) -> Result<(), StoreError> {
    static STATEMENT: LazyLock<Many> =
        LazyLock::new(|| Many::of(include_str!("../queries/replace_certificate.sql")));
    if let [record] = records {
        return save(unit, record, StoreError::Taken("certificate")).await;
    }
    let put = |record: &CertificateRecord, row: &mut Row<'_>| {
        put(record, record.certificate.version.next(), row);
    };
    let written = STATEMENT.write(unit, records, put).await.map_err(engine::failure)?;
    if usize::try_from(written) == Ok(records.len()) { Ok(()) } else { Err(StoreError::Taken("certificate")) }
}

/// All values of a certificate, in the order of `add_certificate.sql`.
fn put(record: &CertificateRecord, version: Version, row: &mut Row<'_>) {
    let certificate = &record.certificate;
    let issue_date = certificate.issue_date.to_string();
    for text in [
        certificate.id.as_str(),
        certificate.number.as_str(),
        certificate.holder.as_str(),
        certificate.standard.as_str(),
        certificate.job_type.code(),
        certificate.level.code(),
        certificate.issuer.as_str(),
        issue_date.as_str(),
        certificate.state.code(),
    ] {
        row.put(text);
    }
    row.put(certificate.state_since.as_micros());
    for at in
        [certificate.verified_at, certificate.evidence_until, certificate.retry_at, certificate.checked_at]
    {
        row.put(at.map(Timestamp::as_micros));
    }
    let (reason, explanation, basis, since) = revocation(record);
    for text in [record.source.map_or("", |source| source.code()), reason, explanation, basis] {
        row.put(text);
    }
    for number in [since, version.as_i64(), record.create_time.as_micros(), record.update_time.as_micros()] {
        row.put(number);
    }
}

/// Writes a certificate behind the version it was read at; `lost` if it has another one by now.
pub(super) async fn save(
    unit: &mut Unit,
    record: &CertificateRecord,
    lost: StoreError,
) -> Result<(), StoreError> {
    let certificate = &record.certificate;
    let micros = |at: Option<Timestamp>| at.map(Timestamp::as_micros);
    let (reason, explanation, basis, since) = revocation(record);
    let done = query_file!(
        "../queries/save_certificate.sql",
        certificate.id.as_str(),
        certificate.standard.as_str(),
        certificate.job_type.code(),
        certificate.level.code(),
        certificate.issue_date.to_string(),
        certificate.state.code(),
        certificate.state_since.as_micros(),
        micros(certificate.verified_at),
        micros(certificate.evidence_until),
        micros(certificate.retry_at),
        micros(certificate.checked_at),
        record.source.map_or("", |source| source.code()),
        reason,
        explanation,
        basis,
        since,
        certificate.version.next().as_i64(),
        record.update_time.as_micros(),
        certificate.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map_err(engine::failure)?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(lost) }
}

fn revocation(record: &CertificateRecord) -> (&str, &str, &str, i64) {
    match &record.revocation {
        Some(revocation) => (
            revocation.reason.code(),
            &revocation.explanation,
            &revocation.legal_basis,
            revocation.effective_time.as_micros(),
        ),
        None => ("", "", "", 0),
    }
}

pub(super) async fn add_evidence(
    unit: &mut Unit,
    record: &EvidenceRecord,
    now: Timestamp,
) -> Result<(), StoreError> {
    let evidence = &record.evidence;
    let artefact = evidence.artefact_sha256.map(Vec::from).unwrap_or_default();
    query_file!(
        "../queries/add_evidence.sql",
        record.id,
        record.certificate.as_str(),
        evidence.source.code(),
        evidence.result.code(),
        evidence.checked_at.as_micros(),
        evidence.fresh_until.as_micros(),
        artefact,
        record.organization.as_str(),
        now.as_micros()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(engine::failure)
}
