//! Professional qualifications and their reviews.

use crate::engine;
use crate::feed_store::{Unit, unique_or};
use greenroom_domain::certification::port::{QualificationFilter, QualificationRecord};
use greenroom_domain::certification::{
    Licence, Qualification, QualificationReview, QualificationState, QualificationVerdict,
};
use greenroom_domain::kernel::{Collection, Date, Id, PersonId, QualificationId, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use sqlx::{query_file, query_file_as};

type Pool = sqlx::Pool<engine::Db>;

/// A row of `qualifications`.
struct QualificationRow {
    id: String,
    holder: String,
    person: String,
    domain: String,
    title: String,
    register_number: String,
    employer_proof: Vec<u8>,
    valid_until: String,
    organization: String,
    filing_person: String,
    state: String,
    state_since_us: i64,
    recheck_us: Option<i64>,
    file_time_us: i64,
    update_time_us: i64,
    version: i64,
}

/// A row of `qualification_reviews`.
struct ReviewRow {
    verdict: String,
    reason: String,
    artefact_sha256: Vec<u8>,
    organization: String,
    review_time_us: i64,
}

fn damaged(place: &str) -> StoreError {
    StoreError::Damaged(format!("`qualifications.{place}` holds an unknown value"))
}

fn id<K: Collection>(text: &str, place: &str) -> Result<Id<K>, StoreError> {
    Id::try_new(text).map_err(|_| damaged(place))
}

/// No bytes stand for no hash.
fn hash(bytes: Vec<u8>, place: &str) -> Result<Option<[u8; 32]>, StoreError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    bytes.try_into().map(Some).map_err(|_| damaged(place))
}

fn bytes(hash: Option<[u8; 32]>) -> Vec<u8> {
    hash.map(Vec::from).unwrap_or_default()
}

impl QualificationRow {
    fn read(self, reviews: Vec<ReviewRow>) -> Result<QualificationRecord, StoreError> {
        let valid_until = match self.valid_until.as_str() {
            "" => None,
            day => Some(Date::parse(day).map_err(|_| damaged("valid_until"))?),
        };
        let filing_person: Option<PersonId> = match self.filing_person.as_str() {
            "" => None,
            person => Some(id(person, "filing_person")?),
        };
        let qualification = Qualification {
            id: id(&self.id, "id")?,
            holder: id(&self.holder, "holder")?,
            licence: Licence {
                domain: id(&self.domain, "domain")?,
                title: self.title,
                register_number: self.register_number,
                employer_proof: hash(self.employer_proof, "employer_proof")?,
                valid_until,
            },
            filed_by: id(&self.organization, "organization")?,
            filed_at: Timestamp::from_micros(self.file_time_us),
            state: QualificationState::from_code(&self.state).ok_or_else(|| damaged("state"))?,
            state_since: Timestamp::from_micros(self.state_since_us),
            recheck_at: self.recheck_us.map(Timestamp::from_micros),
            version: Version::new(self.version),
        };
        Ok(QualificationRecord {
            qualification,
            person: id(&self.person, "person")?,
            filing_person,
            reviews: reviews.into_iter().map(ReviewRow::read).collect::<Result<_, _>>()?,
            update_time: Timestamp::from_micros(self.update_time_us),
        })
    }
}

impl ReviewRow {
    fn read(self) -> Result<QualificationReview, StoreError> {
        Ok(QualificationReview {
            verdict: QualificationVerdict::from_code(&self.verdict).ok_or_else(|| damaged("verdict"))?,
            reason: self.reason,
            artefact_sha256: hash(self.artefact_sha256, "artefact_sha256")?,
            organization: id(&self.organization, "reviewer")?,
            at: Timestamp::from_micros(self.review_time_us),
        })
    }
}

/// A review that came between the two statements is one too many; whoever writes on that finds another version.
async fn with_reviews(
    pool: &Pool,
    rows: Vec<QualificationRow>,
) -> Result<Vec<QualificationRecord>, StoreError> {
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        let reviews = query_file_as!(ReviewRow, "../queries/read_qualification_reviews.sql", row.id)
            .fetch_all(pool)
            .await
            .map_err(engine::failure)?;
        records.push(row.read(reviews)?);
    }
    Ok(records)
}

pub(super) async fn read(
    pool: &Pool,
    id: &QualificationId,
) -> Result<Option<QualificationRecord>, StoreError> {
    let rows = query_file_as!(QualificationRow, "../queries/read_qualification.sql", id.as_str())
        .fetch_all(pool)
        .await
        .map_err(engine::failure)?;
    Ok(with_reviews(pool, rows).await?.pop())
}

pub(super) async fn list(
    pool: &Pool,
    filter: &QualificationFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<QualificationRecord>, StoreError> {
    let person = filter.person.as_ref().map_or("", Id::as_str);
    let domain = filter.domain.as_ref().map_or("", Id::as_str);
    let state = filter.state.map_or("", QualificationState::code);
    let rows = match &filter.organization {
        Some(organization) => {
            let organization = organization.as_str();
            query_file_as!(
                QualificationRow,
                "../queries/list_qualifications_of_organization.sql",
                organization,
                after,
                person,
                domain,
                state,
                limit
            )
            .fetch_all(pool)
            .await
        }
        None => {
            query_file_as!(
                QualificationRow,
                "../queries/list_qualifications.sql",
                after,
                person,
                domain,
                state,
                limit
            )
            .fetch_all(pool)
            .await
        }
    };
    with_reviews(pool, rows.map_err(engine::failure)?).await
}

pub(super) async fn on_file(
    pool: &Pool,
    record: &QualificationRecord,
) -> Result<Option<QualificationId>, StoreError> {
    let qualification = &record.qualification;
    let found = query_file!(
        "../queries/find_qualification.sql",
        qualification.filed_by.as_str(),
        qualification.holder.as_str(),
        qualification.licence.domain.as_str(),
        qualification.licence.register_number
    )
    .fetch_optional(pool)
    .await
    .map_err(engine::failure)?;
    found.map(|row| id(&row.id, "id")).transpose()
}

pub(super) async fn due(
    pool: &Pool,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<QualificationRecord>, StoreError> {
    let rows =
        query_file_as!(QualificationRow, "../queries/list_qualifications_due.sql", now.as_micros(), limit)
            .fetch_all(pool)
            .await
            .map_err(engine::failure)?;
    with_reviews(pool, rows).await
}

pub(super) async fn next_due(pool: &Pool) -> Result<Option<Timestamp>, StoreError> {
    let next = query_file!("../queries/next_qualification_due.sql").fetch_one(pool).await;
    Ok(next.map_err(engine::failure)?.due_us.map(Timestamp::from_micros))
}

pub(super) async fn add(unit: &mut Unit, record: &QualificationRecord) -> Result<(), StoreError> {
    let qualification = &record.qualification;
    let licence = &qualification.licence;
    query_file!(
        "../queries/add_qualification.sql",
        qualification.id.as_str(),
        qualification.holder.as_str(),
        record.person.as_str(),
        licence.domain.as_str(),
        licence.title,
        licence.register_number,
        bytes(licence.employer_proof),
        licence.valid_until.map(|day| day.to_string()).unwrap_or_default(),
        qualification.filed_by.as_str(),
        record.filing_person.as_ref().map_or("", Id::as_str),
        qualification.state.code(),
        qualification.state_since.as_micros(),
        qualification.recheck_at.map(Timestamp::as_micros),
        qualification.due().map(Timestamp::as_micros),
        qualification.filed_at.as_micros(),
        record.update_time.as_micros(),
        qualification.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(|error| unique_or(error, StoreError::Taken("qualification")))
}

/// Writes a qualification behind the version it was read at, and appends the review that changed it.
pub(super) async fn save(
    unit: &mut Unit,
    record: &QualificationRecord,
    review: Option<&QualificationReview>,
) -> Result<(), StoreError> {
    let qualification = &record.qualification;
    let next = qualification.version.next().as_i64();
    let done = query_file!(
        "../queries/save_qualification.sql",
        qualification.id.as_str(),
        qualification.state.code(),
        qualification.state_since.as_micros(),
        qualification.recheck_at.map(Timestamp::as_micros),
        qualification.due().map(Timestamp::as_micros),
        record.update_time.as_micros(),
        next,
        qualification.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map_err(engine::failure)?;
    if done.rows_affected() != 1 {
        return Err(StoreError::Conflict);
    }
    let Some(review) = review else { return Ok(()) };
    query_file!(
        "../queries/add_qualification_review.sql",
        qualification.id.as_str(),
        next,
        review.verdict.code(),
        review.reason,
        bytes(review.artefact_sha256),
        review.organization.as_str(),
        review.at.as_micros()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(engine::failure)
}
