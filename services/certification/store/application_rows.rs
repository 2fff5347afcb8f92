//! Rows of applications and assessments as the tables have them, and the values they stand for.

use super::rows::{damaged, date, id, known};
use greenroom_domain::certification::port::ApplicationRecord;
use greenroom_domain::certification::{
    Application, ApplicationState, Assessment, AssessmentDraft, AssessmentPart, Assessor, Conclusion,
    Correction, PartOutcome, PartResult,
};
use greenroom_domain::kernel::{Date, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::occupation::{JobType, Level};

/// A row of `applications`.
pub(super) struct ApplicationRow {
    pub(super) id: String,
    pub(super) applicant: String,
    pub(super) pairwise: String,
    pub(super) candidate: String,
    pub(super) issuer: String,
    pub(super) standard: String,
    pub(super) job_type: String,
    pub(super) level: String,
    pub(super) state: String,
    pub(super) state_since_us: i64,
    pub(super) submit_time_us: Option<i64>,
    pub(super) review_time_us: Option<i64>,
    pub(super) review_reason: String,
    pub(super) history: Vec<u8>,
    pub(super) evaluation: Vec<u8>,
    pub(super) assessment_count: i64,
    pub(super) conclude_date: String,
    pub(super) part_results: String,
    pub(super) unconfirmed: String,
    pub(super) retake_until: String,
    pub(super) certificate: String,
    pub(super) version: i64,
    pub(super) create_time_us: i64,
    pub(super) update_time_us: i64,
}

/// A row of `assessments`.
pub(super) struct AssessmentRow {
    pub(super) number: i64,
    pub(super) attempt: i64,
    pub(super) part: String,
    pub(super) score: i64,
    pub(super) assessors: String,
    pub(super) assess_date: String,
    pub(super) site: String,
    pub(super) replaces: i64,
    pub(super) reason: String,
    pub(super) record_time_us: i64,
}

impl ApplicationRow {
    pub(super) fn read(self, parts: Vec<AssessmentRow>) -> Result<ApplicationRecord, StoreError> {
        let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        if i64::try_from(parts.len()) != Ok(self.assessment_count) {
            return Err(damaged("applications.assessment_count"));
        }
        let application = Application {
            id: id(&self.id, "applications.id")?,
            candidate: id(&self.candidate, "applications.candidate")?,
            issuer: id(&self.issuer, "applications.issuer")?,
            standard: id(&self.standard, "applications.standard")?,
            job_type: known(JobType::from_code(&self.job_type), "applications.job_type")?,
            level: known(Level::from_code(&self.level), "applications.level")?,
            state: known(ApplicationState::from_code(&self.state), "applications.state")?,
            state_since: Timestamp::from_micros(self.state_since_us),
            submitted_at: at(self.submit_time_us),
            reviewed_at: at(self.review_time_us),
            assessments: parts.into_iter().map(AssessmentRow::read).collect::<Result<_, _>>()?,
            conclusion: self.conclusion()?,
            certificate: match self.certificate.as_str() {
                "" => None,
                text => Some(id(text, "applications.certificate")?),
            },
            version: Version::new(self.version),
        };
        Ok(ApplicationRecord {
            application,
            applicant: id(&self.applicant, "applications.applicant")?,
            pairwise: id(&self.pairwise, "applications.pairwise")?,
            history: self.history,
            review_reason: self.review_reason,
            evaluation: self.evaluation,
            create_time: Timestamp::from_micros(self.create_time_us),
            update_time: Timestamp::from_micros(self.update_time_us),
        })
    }

    fn conclusion(&self) -> Result<Option<Conclusion>, StoreError> {
        let Some(date) = optional_date(&self.conclude_date, "applications.conclude_date")? else {
            return Ok(None);
        };
        Ok(Some(Conclusion {
            date,
            parts: self.part_results.lines().map(result).collect::<Result<_, _>>()?,
            rests_on_unconfirmed: self.unconfirmed.lines().map(str::to_owned).collect(),
            retake_until: optional_date(&self.retake_until, "applications.retake_until")?,
        }))
    }
}

fn optional_date(text: &str, place: &str) -> Result<Option<Date>, StoreError> {
    if text.is_empty() { Ok(None) } else { date(text, place).map(Some) }
}

fn small(number: i64, place: &str) -> Result<i32, StoreError> {
    i32::try_from(number).map_err(|_| damaged(place))
}

impl AssessmentRow {
    fn read(self) -> Result<Assessment, StoreError> {
        let replaces = small(self.replaces, "assessments.replaces")?;
        let said = AssessmentDraft {
            part: known(AssessmentPart::from_code(&self.part), "assessments.part")?,
            score: small(self.score, "assessments.score")?,
            assessors: self.assessors.lines().map(assessor).collect::<Result<_, _>>()?,
            date: date(&self.assess_date, "assessments.assess_date")?,
            site: self.site,
            correction: (replaces > 0).then_some(Correction { replaces, reason: self.reason }),
        };
        Ok(Assessment {
            number: small(self.number, "assessments.number")?,
            attempt: small(self.attempt, "assessments.attempt")?,
            said,
            record_time: Timestamp::from_micros(self.record_time_us),
        })
    }
}

/// One line per part: part, outcome, the number of the record (0 for none) and the pass mark, with spaces between them.
pub(super) fn results(parts: &[PartResult]) -> String {
    let line = |result: &PartResult| {
        let PartResult { part, outcome, assessment, pass_mark } = result;
        format!("{} {} {} {pass_mark}", part.code(), outcome.code(), assessment.unwrap_or_default())
    };
    parts.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn result(line: &str) -> Result<PartResult, StoreError> {
    const PLACE: &str = "applications.part_results";
    let mut words = line.split(' ');
    let mut word = || known(words.next(), PLACE);
    let part = known(AssessmentPart::from_code(word()?), PLACE)?;
    let outcome = known(PartOutcome::from_code(word()?), PLACE)?;
    let number = word()?.parse().map_err(|_| damaged(PLACE))?;
    let pass_mark = word()?.parse().map_err(|_| damaged(PLACE))?;
    Ok(PartResult { part, outcome, assessment: (number > 0).then_some(number), pass_mark })
}

/// One line per assessor: a listed one by its id; a person by both ids with a space between them.
pub(super) fn assessors(assessors: &[Assessor]) -> String {
    let line = |assessor: &Assessor| match assessor {
        Assessor::Person { person, pairwise } => format!("{} {}", person.as_str(), pairwise.as_str()),
        Assessor::Listed(id) => id.clone(),
    };
    assessors.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn assessor(line: &str) -> Result<Assessor, StoreError> {
    const PLACE: &str = "assessments.assessors";
    match line.split_once(' ') {
        Some((person, pairwise)) => {
            Ok(Assessor::Person { person: id(person, PLACE)?, pairwise: id(pairwise, PLACE)? })
        }
        None => Ok(Assessor::Listed(line.to_owned())),
    }
}
