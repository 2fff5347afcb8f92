//! Applications and assessments, between the contract's messages and the domain's values.

use super::codes;
use greenroom_domain::certification::port::ApplicationRecord;
use greenroom_domain::certification::{
    Application, ApplicationState, Assessment, AssessmentDraft, AssessmentPart, Assessor, Conclusion,
    Correction, PartOutcome, PartResult, ReviewVerdict,
};
use greenroom_domain::kernel::{ApplicationId, CertificateId, PersonId};
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::assessor::By;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire::{self as parse, timestamp};
use prost::Message as _;

/// The most assessors of one part.
const MOST_ASSESSORS: usize = 50;

/// What somebody sees of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// The candidate, by the applicant's own name: for the applicant.
    pub candidate: bool,
    /// The assessors: for the issuer's organization.
    pub assessors: bool,
}

/// A state on the wire.
pub fn state(state: ApplicationState) -> i32 {
    wire::ApplicationState::from_str_name(&format!("APPLICATION_STATE_{}", state.code()))
        .unwrap_or_default()
        .into()
}

/// A state to filter by, from the wire.
pub fn parse_state(number: i32) -> Result<ApplicationState, &'static str> {
    let value: wire::ApplicationState = parse::enum_value(number)?;
    let code = value.as_str_name().trim_start_matches("APPLICATION_STATE_");
    ApplicationState::from_code(code).ok_or("must be set")
}

fn verdict(verdict: ReviewVerdict) -> i32 {
    wire::ReviewVerdict::from_str_name(&format!("REVIEW_VERDICT_{}", verdict.code()))
        .unwrap_or_default()
        .into()
}

/// An issuer's answer from the wire.
pub fn parse_verdict(number: i32) -> Result<ReviewVerdict, &'static str> {
    let value: wire::ReviewVerdict = parse::enum_value(number)?;
    let code = value.as_str_name().trim_start_matches("REVIEW_VERDICT_");
    ReviewVerdict::from_code(code).ok_or("must be set")
}

fn part(part: AssessmentPart) -> i32 {
    wire::AssessmentPart::from_str_name(&format!("ASSESSMENT_PART_{}", part.code()))
        .unwrap_or_default()
        .into()
}

fn parse_part(number: i32) -> Result<AssessmentPart, &'static str> {
    let value: wire::AssessmentPart = parse::enum_value(number)?;
    let code = value.as_str_name().trim_start_matches("ASSESSMENT_PART_");
    AssessmentPart::from_code(code).ok_or("must be set")
}

fn outcome(outcome: PartOutcome) -> i32 {
    wire::PartOutcome::from_str_name(&format!("PART_OUTCOME_{}", outcome.code())).unwrap_or_default().into()
}

fn assessment_name(application: &ApplicationId, number: i32) -> String {
    format!("{}/assessments/{number}", application.name())
}

/// An application.
pub fn application_record(record: &ApplicationRecord, view: View) -> wire::Application {
    let application = &record.application;
    let review = application.reviewed_at.zip(application.verdict()).map(|(at, answer)| {
        // Kept by this service itself.
        let kept = wire::ApplicationReview::decode(record.evaluation.as_slice()).unwrap_or_default();
        let reason = record.review_reason.clone();
        wire::ApplicationReview { verdict: verdict(answer), reason, review_time: Some(timestamp(at)), ..kept }
    });
    wire::Application {
        name: application.id.name(),
        applicant: record.applicant.name(),
        person: if view.candidate { record.pairwise.name() } else { String::new() },
        issuer: application.issuer.name(),
        standard: application.standard.name(),
        job_type: application.job_type.code().to_owned(),
        level: codes::level(application.level),
        state: state(application.state),
        state_since_time: Some(timestamp(application.state_since)),
        review,
        conclusion: application.conclusion.as_ref().map(|it| conclusion(&application.id, it)),
        attempt: application.attempt(),
        certificate: application.certificate.as_ref().map(CertificateId::name).unwrap_or_default(),
        submit_time: application.submitted_at.map(timestamp),
        create_time: Some(timestamp(record.create_time)),
        update_time: Some(timestamp(record.update_time)),
        etag: etag::of(application.version),
        history: history(record),
    }
}

/// What the candidate says of the past, as it was told; nothing where nothing was.
pub fn history(record: &ApplicationRecord) -> Option<wire::ApplicationHistory> {
    let told = wire::ApplicationHistory::decode(record.history.as_slice());
    told.ok().filter(|_| !record.history.is_empty())
}

fn conclusion(id: &ApplicationId, conclusion: &Conclusion) -> wire::AssessmentConclusion {
    let whole = if conclusion.is_passed() {
        wire::AssessmentOutcome::Passed
    } else {
        wire::AssessmentOutcome::Failed
    };
    let one = |result: &PartResult| wire::PartConclusion {
        part: part(result.part),
        outcome: outcome(result.outcome),
        assessment: result.assessment.map(|number| assessment_name(id, number)).unwrap_or_default(),
        pass_mark: result.pass_mark,
    };
    wire::AssessmentConclusion {
        date: conclusion.date.to_string(),
        outcome: whole.into(),
        parts: conclusion.parts.iter().map(one).collect(),
        rests_on_unconfirmed: conclusion.rests_on_unconfirmed.clone(),
        retake_until_date: conclusion.retake_until.map(|day| day.to_string()).unwrap_or_default(),
    }
}

/// One part of an assessment.
pub fn assessment(application: &Application, assessment: &Assessment, view: View) -> wire::Assessment {
    let said = &assessment.said;
    let name = |number| assessment_name(&application.id, number);
    let assessor = |assessor: &Assessor| wire::Assessor {
        by: Some(match assessor {
            Assessor::Person { pairwise, .. } => By::Person(pairwise.name()),
            Assessor::Listed(id) => By::AssessorId(id.clone()),
        }),
    };
    let correction = said.correction.as_ref().map(|correction| wire::AssessmentCorrection {
        replaces: name(correction.replaces),
        reason: correction.reason.clone(),
    });
    wire::Assessment {
        name: name(assessment.number),
        part: part(said.part),
        attempt: assessment.attempt,
        score: said.score,
        assessors: if view.assessors { said.assessors.iter().map(assessor).collect() } else { Vec::new() },
        assessor_count: i32::try_from(said.assessors.len()).unwrap_or(i32::MAX),
        date: said.date.to_string(),
        site: said.site.clone(),
        correction,
        corrected_by: application.corrected_by(assessment.number).map(name).unwrap_or_default(),
        record_time: Some(timestamp(assessment.record_time)),
    }
}

/// A part as it was told: its persons are still named by the issuer's own names.
pub struct ToldAssessment {
    /// The part without its assessors.
    pub draft: AssessmentDraft,
    /// Who assessed.
    pub assessors: Vec<ToldAssessor>,
}

/// An assessor as told.
pub enum ToldAssessor {
    /// By the issuer's own name for the person.
    Person(PersonId),
    /// By the issuer's id.
    Listed(String),
}

/// One part of an assessment of this application, from the wire.
pub fn told_assessment(
    given: Option<&wire::Assessment>,
    application: &ApplicationId,
) -> Result<ToldAssessment, Fault> {
    let mut wrong = Violations::new();
    let Some(given) = given else {
        wrong.add("assessment", "must be set");
        return wrong.finish(None);
    };
    let part = wrong.take("assessment.part", parse_part(given.part));
    let whole_score = (0..=Assessment::HIGHEST_SCORE).contains(&given.score);
    wrong.require(whole_score, "assessment.score", "must lie between 0 and 100");
    let date = wrong.take("assessment.date", parse::date(&given.date));
    let site = wrong.take("assessment.site", parse::text(given.site.trim(), 1..=120));
    let few = given.assessors.len() <= MOST_ASSESSORS;
    wrong.require(few, "assessment.assessors", "must be 50 at most");
    let assessors: Vec<ToldAssessor> = given
        .assessors
        .iter()
        .take(MOST_ASSESSORS)
        .enumerate()
        .filter_map(|(index, told)| assessor(told, index, &mut wrong))
        .collect();
    let correction = match &given.correction {
        None => Some(None),
        Some(told) => correction(told, application, &mut wrong).map(Some),
    };
    let whole = match (part, date, site, correction) {
        (Some(part), Some(date), Some(site), Some(correction)) => {
            let site = site.to_owned();
            let score = given.score;
            let draft = AssessmentDraft { part, score, assessors: Vec::new(), date, site, correction };
            Some(ToldAssessment { draft, assessors })
        }
        _ => None,
    };
    wrong.finish(whole)
}

fn assessor(told: &wire::Assessor, index: usize, wrong: &mut Violations) -> Option<ToldAssessor> {
    let path = |field: &str| format!("assessment.assessors[{index}].{field}");
    match &told.by {
        Some(By::Person(name)) => wrong.take(&path("person"), parse::name(name)).map(ToldAssessor::Person),
        Some(By::AssessorId(id)) => {
            // The alphabet of every id.
            let read = ApplicationId::try_new(id).map_err(|_| "must have 1 to 63 characters of an id");
            wrong.take(&path("assessor_id"), read).map(|id| ToldAssessor::Listed(id.as_str().to_owned()))
        }
        None => {
            wrong.add(path("by"), "must be set");
            None
        }
    }
}

fn correction(
    told: &wire::AssessmentCorrection,
    application: &ApplicationId,
    wrong: &mut Violations,
) -> Option<Correction> {
    let prefix = format!("{}/assessments/", application.name());
    let number = told.replaces.strip_prefix(&prefix).and_then(|number| number.parse::<i32>().ok());
    let number =
        number.filter(|number| *number > 0 && told.replaces == assessment_name(application, *number));
    let replaces = number.ok_or("must name a record of this application");
    let replaces = wrong.take("assessment.correction.replaces", replaces);
    let reason = parse::text(told.reason.trim(), 1..=Correction::LONGEST_REASON);
    let reason = wrong.take("assessment.correction.reason", reason);
    Some(Correction { replaces: replaces?, reason: reason?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_value_of_the_domain_has_its_own_on_the_wire() {
        let states = ApplicationState::ALL.map(state);
        assert_eq!(BTreeSet::from(states).len(), states.len());
        assert!(!states.contains(&0));
        assert_eq!(BTreeSet::from(AssessmentPart::ALL.map(part)), BTreeSet::from([1, 2, 3]));
        assert_eq!(BTreeSet::from(PartOutcome::ALL.map(outcome)), BTreeSet::from([1, 2, 3]));
        assert_eq!(BTreeSet::from(ReviewVerdict::ALL.map(verdict)), BTreeSet::from([1, 2]));
    }

    #[test]
    fn what_is_sent_is_read_back() {
        for value in ApplicationState::ALL {
            assert_eq!(parse_state(state(value)), Ok(value));
        }
        for value in AssessmentPart::ALL {
            assert_eq!(parse_part(part(value)), Ok(value));
        }
        for value in ReviewVerdict::ALL {
            assert_eq!(parse_verdict(verdict(value)), Ok(value));
        }
        assert!(parse_part(0).is_err() && parse_state(99).is_err());
    }
}
