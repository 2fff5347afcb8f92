//! Issuers with their accreditations and sites, and what a measure against one would concern.

use super::rows::{AccreditationRow, IssuerRow, accreditation_rows};
use crate::engine;
use crate::feed_store::{Unit, unique_or};
use greenroom_domain::certification::port::{CertificateGroup, IssuerImpact, IssuerRecord};
use greenroom_domain::certification::{CertificateState, Issuer, Site};
use greenroom_domain::kernel::{Date, IssuerId, Timestamp};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::occupation::{JobType, Level};
use sqlx::{query_file, query_file_as};

type Pool = sqlx::Pool<engine::Db>;

/// How often an issuer is read again because it changed meanwhile.
const ATTEMPTS: usize = 8;

/// A row of `issuer_sites`.
struct SiteRow {
    sequence: String,
    province: String,
    display_name: String,
    from_date: String,
    to_date: String,
}

/// A row of the count of certificates.
struct GroupRow {
    standard: String,
    job_type: String,
    level: String,
    state: String,
    certificates: i64,
    in_force: i64,
}

pub(super) async fn read(pool: &Pool, id: &IssuerId) -> Result<Option<IssuerRecord>, StoreError> {
    match row(pool, id.as_str()).await? {
        Some(row) => with_terms(pool, row).await.map(Some),
        None => Ok(None),
    }
}

async fn row(pool: &Pool, id: &str) -> Result<Option<IssuerRow>, StoreError> {
    let row = query_file_as!(IssuerRow, "../queries/read_issuer.sql", id);
    row.fetch_optional(pool).await.map_err(engine::failure)
}

pub(super) async fn list(pool: &Pool, after: &str, limit: i64) -> Result<Vec<IssuerRecord>, StoreError> {
    let rows = query_file_as!(IssuerRow, "../queries/list_issuers.sql", after, limit)
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        records.push(with_terms(pool, row).await?);
    }
    Ok(records)
}

/// The lists belong to the row if its version is the same after they were read.
async fn with_terms(pool: &Pool, mut known: IssuerRow) -> Result<IssuerRecord, StoreError> {
    for _ in 0..ATTEMPTS {
        let accreditations = query_file_as!(AccreditationRow, "../queries/read_accreditations.sql", known.id)
            .fetch_all(pool)
            .await
            .map_err(engine::failure)?;
        let sites = query_file_as!(SiteRow, "../queries/read_sites.sql", known.id)
            .fetch_all(pool)
            .await
            .map_err(engine::failure)?;
        match row(pool, &known.id).await? {
            Some(now) if now.version == known.version => {
                let sites = sites.into_iter().map(SiteRow::read).collect::<Result<_, _>>()?;
                return known.read(accreditations, sites);
            }
            Some(now) => known = now,
            None => break,
        }
    }
    Err(StoreError::Conflict)
}

impl SiteRow {
    fn read(self) -> Result<Site, StoreError> {
        let date = |text: &str| Date::parse(text).map_err(|_| damaged("issuer_sites"));
        Ok(Site {
            sequence: self.sequence,
            province: self.province,
            name: self.display_name,
            from: date(&self.from_date)?,
            to: if self.to_date.is_empty() { None } else { Some(date(&self.to_date)?) },
        })
    }
}

fn damaged(place: &str) -> StoreError {
    StoreError::Damaged(format!("`{place}` holds an unknown value"))
}

/// The issuer that has a site.
pub(super) async fn at(pool: &Pool, prefix: &str) -> Result<Option<IssuerId>, StoreError> {
    let found = query_file!("../queries/find_site.sql", prefix);
    let found = found.fetch_optional(pool).await.map_err(engine::failure)?;
    found.map(|row| IssuerId::try_new(&row.issuer).map_err(|_| damaged("issuer_sites.issuer"))).transpose()
}

pub(super) async fn impact(pool: &Pool, id: &IssuerId, now: Timestamp) -> Result<IssuerImpact, StoreError> {
    let groups =
        query_file_as!(GroupRow, "../queries/count_certificates_of_issuer.sql", id.as_str(), now.as_micros())
            .fetch_all(pool)
            .await
            .map_err(engine::failure)?;
    let holders = query_file!("../queries/count_holders_of_issuer.sql", id.as_str());
    let holders = holders.fetch_one(pool).await.map_err(engine::failure)?.holders;
    let mut groups = groups.into_iter().map(GroupRow::read).collect::<Result<Vec<_>, _>>()?;
    groups.sort();
    Ok(IssuerImpact { groups, holders })
}

impl GroupRow {
    fn read(self) -> Result<CertificateGroup, StoreError> {
        let known = || damaged("certificates");
        Ok(CertificateGroup {
            standard: greenroom_domain::kernel::Id::try_new(&self.standard).map_err(|_| known())?,
            job_type: JobType::from_code(&self.job_type).ok_or_else(known)?,
            level: Level::from_code(&self.level).ok_or_else(known)?,
            state: CertificateState::from_code(&self.state).ok_or_else(known)?,
            certificates: self.certificates,
            in_force: self.in_force,
        })
    }
}

pub(super) async fn add(unit: &mut Unit, record: &IssuerRecord) -> Result<(), StoreError> {
    let issuer = &record.issuer;
    let (explanation, basis, effective, entered, review) = measure(issuer);
    query_file!(
        "../queries/add_issuer.sql",
        issuer.id.as_str(),
        issuer.organization.as_str(),
        record.display_name,
        issuer.class.code(),
        issuer.code,
        issuer.province,
        issuer.standing.code(),
        explanation,
        basis,
        effective,
        entered,
        review,
        issuer.version.as_i64(),
        record.create_time.as_micros(),
        record.update_time.as_micros()
    )
    .execute(unit.connection())
    .await
    .map_err(|error| unique_or(error, StoreError::Taken("issuer")))?;
    add_terms(unit, issuer).await
}

/// Writes an issuer behind the version it was read at. Its lists are written anew: they only grow.
pub(super) async fn save(unit: &mut Unit, record: &IssuerRecord) -> Result<(), StoreError> {
    let issuer = &record.issuer;
    let (explanation, basis, effective, entered, review) = measure(issuer);
    let done = query_file!(
        "../queries/save_issuer.sql",
        issuer.id.as_str(),
        record.display_name,
        issuer.standing.code(),
        explanation,
        basis,
        effective,
        entered,
        review,
        issuer.version.next().as_i64(),
        record.update_time.as_micros(),
        issuer.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map_err(engine::failure)?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Conflict);
    }
    let id = issuer.id.as_str();
    let drop = query_file!("../queries/drop_accreditations.sql", id);
    drop.execute(unit.connection()).await.map_err(engine::failure)?;
    let drop = query_file!("../queries/drop_sites.sql", id);
    drop.execute(unit.connection()).await.map_err(engine::failure)?;
    add_terms(unit, issuer).await
}

fn measure(issuer: &Issuer) -> (&str, &str, Option<i64>, Option<i64>, Option<i64>) {
    match &issuer.measure {
        Some(measure) => (
            &measure.explanation,
            &measure.legal_basis,
            Some(measure.effective_at.as_micros()),
            Some(measure.entered_at.as_micros()),
            measure.review_until.map(Timestamp::as_micros),
        ),
        None => ("", "", None, None, None),
    }
}

async fn add_terms(unit: &mut Unit, issuer: &Issuer) -> Result<(), StoreError> {
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
    for (site, place) in issuer.sites.iter().zip(0_i64..) {
        query_file!(
            "../queries/add_site.sql",
            issuer.id.as_str(),
            place,
            issuer.prefix_of(site),
            site.sequence,
            site.province,
            site.name,
            site.from.to_string(),
            site.to.map(|day| day.to_string()).unwrap_or_default()
        )
        .execute(unit.connection())
        .await
        .map_err(|error| unique_or(error, StoreError::Taken("site")))?;
    }
    Ok(())
}
