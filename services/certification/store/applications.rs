//! Applications and the parts of their assessments.

use super::application_rows::{ApplicationRow, AssessmentRow, assessors, results};
use crate::engine;
use crate::feed_store::Unit;
use greenroom_domain::certification::port::{ApplicationFilter, ApplicationRecord};
use greenroom_domain::certification::{Assessment, Conclusion};
use greenroom_domain::kernel::{ApplicationId, Timestamp};
use greenroom_domain::ledger::StoreError;
use sqlx::{query_file, query_file_as};

type Pool = sqlx::Pool<engine::Db>;

pub(super) async fn read(pool: &Pool, id: &ApplicationId) -> Result<Option<ApplicationRecord>, StoreError> {
    let row = query_file_as!(ApplicationRow, "../queries/read_application.sql", id.as_str())
        .fetch_optional(pool)
        .await
        .map_err(engine::failure)?;
    match row {
        Some(row) => with_assessments(pool, row).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn list(
    pool: &Pool,
    filter: &ApplicationFilter,
    after: &str,
    limit: i64,
) -> Result<Vec<ApplicationRecord>, StoreError> {
    let candidate = filter.candidate.as_ref().map_or("", |id| id.as_str());
    let issuer = filter.issuer.as_ref().map_or("", |id| id.as_str());
    let state = filter.state.map_or("", |state| state.code());
    let organization = filter.organization.as_ref().map_or("", |id| id.as_str());
    let rows = query_file_as!(
        ApplicationRow,
        "../queries/list_applications.sql",
        after,
        candidate,
        issuer,
        state,
        organization,
        limit
    )
    .fetch_all(pool)
    .await
    .map_err(engine::failure)?;
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        records.push(with_assessments(pool, row).await?);
    }
    Ok(records)
}

/// The application's row says how many parts it has, and parts are never changed: those added a moment later are not read.
async fn with_assessments(pool: &Pool, row: ApplicationRow) -> Result<ApplicationRecord, StoreError> {
    if row.assessment_count == 0 {
        return row.read(Vec::new());
    }
    let parts =
        query_file_as!(AssessmentRow, "../queries/read_assessments.sql", row.id, row.assessment_count)
            .fetch_all(pool)
            .await
            .map_err(engine::failure)?;
    row.read(parts)
}

fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_micros)
}

fn count(record: &ApplicationRecord) -> i64 {
    i64::try_from(record.application.assessments.len()).unwrap_or(i64::MAX)
}

fn unconfirmed(conclusion: &Conclusion) -> String {
    conclusion.rests_on_unconfirmed.join("\n")
}

/// The day, the parts, the unconfirmed values and the last day of a retake; all empty before the first conclusion.
fn concluded(record: &ApplicationRecord) -> (String, String, String, String) {
    record.application.conclusion.as_ref().map_or_else(Default::default, |conclusion| {
        let retake = conclusion.retake_until.map(|day| day.to_string()).unwrap_or_default();
        (conclusion.date.to_string(), results(&conclusion.parts), unconfirmed(conclusion), retake)
    })
}

pub(super) async fn add(unit: &mut Unit, record: &ApplicationRecord) -> Result<(), StoreError> {
    let application = &record.application;
    let (date, parts, unread, retake) = concluded(record);
    query_file!(
        "../queries/add_application.sql",
        application.id.as_str(),
        record.applicant.as_str(),
        record.pairwise.as_str(),
        application.candidate.as_str(),
        application.issuer.as_str(),
        application.standard.as_str(),
        application.job_type.code(),
        application.level.code(),
        application.state.code(),
        application.state_since.as_micros(),
        micros(application.submitted_at),
        micros(application.reviewed_at),
        record.review_reason,
        record.history,
        record.evaluation,
        count(record),
        date,
        parts,
        unread,
        retake,
        application.certificate.as_ref().map_or("", |id| id.as_str()),
        application.version.as_i64(),
        record.create_time.as_micros(),
        record.update_time.as_micros()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(engine::failure)
}

pub(super) async fn save(unit: &mut Unit, record: &ApplicationRecord) -> Result<(), StoreError> {
    let application = &record.application;
    let (date, parts, unread, retake) = concluded(record);
    let done = query_file!(
        "../queries/save_application.sql",
        application.id.as_str(),
        application.state.code(),
        application.state_since.as_micros(),
        micros(application.submitted_at),
        micros(application.reviewed_at),
        record.review_reason,
        record.history,
        record.evaluation,
        count(record),
        date,
        parts,
        unread,
        retake,
        application.certificate.as_ref().map_or("", |id| id.as_str()),
        application.version.next().as_i64(),
        record.update_time.as_micros(),
        application.version.as_i64()
    )
    .execute(unit.connection())
    .await
    .map_err(engine::failure)?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

pub(super) async fn add_assessment(
    unit: &mut Unit,
    application: &ApplicationId,
    assessment: &Assessment,
) -> Result<(), StoreError> {
    let said = &assessment.said;
    let (replaces, reason) = match &said.correction {
        Some(correction) => (correction.replaces, correction.reason.as_str()),
        None => (0, ""),
    };
    query_file!(
        "../queries/add_assessment.sql",
        application.as_str(),
        i64::from(assessment.number),
        i64::from(assessment.attempt),
        said.part.code(),
        i64::from(said.score),
        assessors(&said.assessors),
        said.date.to_string(),
        said.site,
        i64::from(replaces),
        reason,
        assessment.record_time.as_micros()
    )
    .execute(unit.connection())
    .await
    .map(|_| ())
    .map_err(engine::failure)
}
