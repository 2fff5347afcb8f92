//! Certificates and their evidence.

use super::history;
use super::rows::CertificateRow;
use crate::engine;
use crate::feed_store::many::{Many, Row};
use crate::feed_store::{Unit, unique_or};
use greenroom_domain::certification::port::{
    CertificateFilter, CertificateFinding, CertificateRecord, EvidenceRecord,
};
use greenroom_domain::certification::{CertificateState, SourceAuthentication};
use greenroom_domain::kernel::{CertificateId, Id, OrganizationId, PersonId, StandardId, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use sqlx::{query_file, query_file_as, query_file_scalar};
use std::collections::BTreeMap;
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

/// A regulator's view by finding, an issuer's certificates, an organization's, or all.
pub(super) async fn list(
    pool: &Pool,
    filter: &CertificateFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<CertificateRecord>, StoreError> {
    let state = filter.state.map_or("", CertificateState::code);
    let issuer = filter.issuer.as_ref().map_or("", Id::as_str);
    if filter.finding == Some(CertificateFinding::NumberHeldByAnother) {
        return read_all(
            query_file_as!(
                CertificateRow,
                "../queries/list_certificates_sharing_numbers.sql",
                after,
                limit,
                state,
                issuer
            )
            .fetch_all(pool)
            .await,
        );
    }
    match (&filter.issuer, &filter.organization) {
        (_, Some(organization)) => of_organization(pool, organization, filter, after, limit).await,
        (Some(_), None) => read_all(
            query_file_as!(
                CertificateRow,
                "../queries/list_certificates_of_issuer.sql",
                after,
                issuer,
                limit,
                state
            )
            .fetch_all(pool)
            .await,
        ),
        (None, None) => read_all(
            query_file_as!(CertificateRow, "../queries/list_certificates.sql", after, limit, state)
                .fetch_all(pool)
                .await,
        ),
    }
}

/// What an organization issued, unless an issuer is named, which is another's then, and what it claimed.
async fn of_organization(
    pool: &Pool,
    organization: &OrganizationId,
    filter: &CertificateFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<CertificateRecord>, StoreError> {
    let state = filter.state.map_or("", CertificateState::code);
    let owner = organization.as_str();
    let issued = match &filter.issuer {
        Some(_) => Vec::new(),
        None => read_all(
            query_file_as!(
                CertificateRow,
                "../queries/list_certificates_of_organization.sql",
                after,
                owner,
                limit,
                state
            )
            .fetch_all(pool)
            .await,
        )?,
    };
    let issuer = filter.issuer.as_ref().map_or("", Id::as_str);
    let claimed = read_all(
        query_file_as!(
            CertificateRow,
            "../queries/list_certificates_claimed.sql",
            after,
            owner,
            limit,
            state,
            issuer
        )
        .fetch_all(pool)
        .await,
    )?;
    let mut all: BTreeMap<CertificateId, CertificateRecord> = BTreeMap::new();
    all.extend(issued.into_iter().chain(claimed).map(|record| (record.certificate.id.clone(), record)));
    Ok(all.into_values().take(usize::try_from(limit).unwrap_or_default()).collect())
}

fn read_all(rows: Result<Vec<CertificateRow>, sqlx::Error>) -> Result<Vec<CertificateRecord>, StoreError> {
    rows.map_err(engine::failure)?.into_iter().map(CertificateRow::read).collect()
}

pub(super) async fn for_review(
    pool: &Pool,
    organization: Option<&OrganizationId>,
    after: &str,
    limit: i64,
) -> Result<Vec<CertificateRecord>, StoreError> {
    let owner = organization.map(Id::as_str).unwrap_or_default();
    let rows =
        query_file_as!(CertificateRow, "../queries/list_certificates_for_review.sql", after, owner, limit)
            .fetch_all(pool)
            .await;
    rows.map_err(engine::failure)?.into_iter().map(CertificateRow::read).collect()
}

pub(super) async fn held(
    pool: &Pool,
    holder: &PersonId,
    standard: &StandardId,
    limit: i64,
) -> Result<Vec<CertificateRecord>, StoreError> {
    let (holder, standard) = (holder.as_str(), standard.as_str());
    let rows =
        query_file_as!(CertificateRow, "../queries/list_certificates_held.sql", holder, standard, limit)
            .fetch_all(pool)
            .await;
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

/// New certificates; `Taken` if a holder has one of its number, or another of it is verified.
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

/// What an import changed of certificates, each behind the version it was read at; `Taken` if one has another by now, or is
/// to be verified while another of its number is. What they were is kept.
pub(super) async fn save_all(unit: &mut Unit, records: &[CertificateRecord]) -> Result<(), StoreError> {
    static STATEMENT: LazyLock<Many> =
        LazyLock::new(|| Many::of(include_str!("../queries/replace_certificate.sql")));
    if let [record] = records {
        return save(unit, record, StoreError::Taken("certificate")).await;
    }
    history::keep_all(unit, records).await?;
    let put = |record: &CertificateRecord, row: &mut Row<'_>| {
        put(record, record.certificate.version.next(), row);
        let (by, beneath) = hold(record);
        row.put(by).put(beneath).put(record.certificate.lapsed_at.map(Timestamp::as_micros));
    };
    // Another certificate of its number is verified.
    let taken = |error| unique_or(error, StoreError::Taken("certificate"));
    let written = STATEMENT.write(unit, records, put).await.map_err(taken)?;
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
    history::keep(unit, certificate).await?;
    let (hold_by, beneath) = hold(record);
    let (measure_by, measured, measure_basis, measured_since) = measure(record);
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
        certificate.version.as_i64(),
        certificate.issuer.as_str(),
        record.revocation.as_ref().map_or("", |revocation| revocation.by.code()),
        hold_by,
        beneath,
        measure_by,
        measured,
        measure_basis,
        measured_since,
        record.superseded_by.as_ref().map_or("", Id::as_str),
        micros(certificate.lapsed_at)
    )
    .execute(unit.connection())
    .await;
    let done = match done {
        Ok(done) => done,
        // Another certificate of its number is verified.
        Err(error) => return Err(unique_or(error, lost)),
    };
    if done.rows_affected() == 1 { Ok(()) } else { Err(lost) }
}

fn hold(record: &CertificateRecord) -> (&'static str, &'static str) {
    record.certificate.held.map_or(("", ""), |hold| (hold.by.code(), hold.beneath.code()))
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

fn measure(record: &CertificateRecord) -> (&str, &str, &str, i64) {
    match &record.measure {
        Some(measure) => (
            measure.by.code(),
            &measure.explanation,
            &measure.legal_basis,
            measure.effective_time.as_micros(),
        ),
        None => ("", "", "", 0),
    }
}

/// Whether nobody has this number.
pub(super) async fn keep_number_free(unit: &mut Unit, number: &str) -> Result<(), StoreError> {
    let count = query_file_scalar!("../queries/count_number.sql", number)
        .fetch_one(unit.connection())
        .await
        .map_err(engine::failure)?;
    if count == 0 { Ok(()) } else { Err(StoreError::Conflict) }
}

pub(super) async fn add_evidence(
    unit: &mut Unit,
    record: &EvidenceRecord,
    now: Timestamp,
) -> Result<(), StoreError> {
    let evidence = &record.evidence;
    let artefact = evidence.artefact_sha256.map(Vec::from).unwrap_or_default();
    let lookup = record.lookup.as_ref();
    let (source, job) = lookup.map_or(("", ""), |lookup| (lookup.source.as_str(), lookup.job.as_str()));
    let authentication = lookup.and_then(|lookup| lookup.authentication);
    query_file!(
        "../queries/add_evidence.sql",
        record.id,
        record.certificate.as_str(),
        evidence.source.code(),
        evidence.witness.code(),
        evidence.result.code(),
        evidence.checked_at.as_micros(),
        evidence.fresh_until.as_micros(),
        artefact,
        record.organization.as_ref().map(Id::as_str).unwrap_or_default(),
        now.as_micros(),
        source,
        job,
        authentication.map(SourceAuthentication::code).unwrap_or_default(),
        lookup.map(|lookup| lookup.differences.code()).unwrap_or_default()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(engine::failure)
}
