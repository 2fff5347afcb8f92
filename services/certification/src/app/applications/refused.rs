//! A refusal of the rules in the contract's terms.

use crate::error::Error;
use greenroom_domain::certification::{Application, ApplicationRefusal as No};
use greenroom_rpc::fault::Fault;
use greenroom_rpc::violations::Violations;
use tonic::Code;

/// Why a step of an application was refused.
pub(super) fn refused(refusal: &No, application: &Application) -> Error {
    let name = application.id.name();
    let told = |reason| Fault::new(Code::FailedPrecondition, reason, refusal.to_string());
    let fault = match refusal {
        No::Transition { state, .. } => told("APPLICATION_STATE_WRONG").with("state", state.code()),
        No::ConditionsUnmet => told("APPLICATION_CONDITIONS_UNMET"),
        No::IssuerNotListed { standing } => {
            let fault = told("ASSESSING_ISSUER_NOT_LISTED").with("standing", standing.code());
            return fault.with("issuer", application.issuer.name()).into();
        }
        No::NotAccredited { on } => {
            let fault = told("ASSESSING_ISSUER_NOT_ACCREDITED").with("date", on);
            return fault.with("issuer", application.issuer.name()).into();
        }
        No::PartNotRequired { .. } => told("ASSESSMENT_REFUSED").with("fault", "part_not_required"),
        No::PartAssessed { .. } => told("ASSESSMENT_REFUSED").with("fault", "part_recorded"),
        No::CorrectionMisses { .. } => told("ASSESSMENT_REFUSED").with("fault", "record_not_counting"),
        No::TooManyRecords => told("ASSESSMENT_REFUSED").with("fault", "too_many_records"),
        No::TooFewAssessors { .. } => told("ASSESSORS_REFUSED").with("fault", "too_few"),
        No::AssessorsEven { .. } => told("ASSESSORS_REFUSED").with("fault", "even"),
        No::AssessorTwice => told("ASSESSORS_REFUSED").with("fault", "twice"),
        No::AssessorIsCandidate => told("ASSESSORS_REFUSED").with("fault", "candidate"),
        No::PartPassed { .. } => told("RETAKE_REFUSED").with("fault", "part_passed"),
        No::NoRetake => told("RETAKE_REFUSED").with("fault", "none_left"),
        No::RetakeLate { .. } => told("RETAKE_REFUSED").with("fault", "late"),
        No::DateEarly { .. } | No::DateInFuture => return field("assessment.date", refusal),
        No::ScoreOutOfRange => return field("assessment.score", refusal),
        No::CorrectionUnfounded => return field("assessment.correction.reason", refusal),
        // The issuer was found by the application itself.
        No::OtherIssuer => return Fault::hide(refusal).into(),
    };
    fault.with("application", name).into()
}

fn field(path: &str, refusal: &No) -> Error {
    let mut wrong = Violations::new();
    wrong.add(path, refusal);
    Fault::fields(wrong).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::certification::{ApplicationState, AssessmentPart, IssuerStanding};
    use greenroom_domain::kernel::{Date, Timestamp, Version};
    use greenroom_domain::occupation::Level;
    use greenroom_proto::certification::v1::ErrorReason;

    fn application() -> Application {
        Application {
            id: greenroom_domain::kernel::ApplicationId::try_new("a1").unwrap(),
            candidate: greenroom_domain::kernel::PersonId::try_new("p1").unwrap(),
            issuer: greenroom_domain::kernel::IssuerId::try_new("north").unwrap(),
            standard: greenroom_domain::kernel::StandardId::try_new("s").unwrap(),
            job_type: greenroom_domain::occupation::JobType::try_new("live-salesperson").unwrap(),
            level: Level::Three,
            state: ApplicationState::Draft,
            state_since: Timestamp::from_micros(0),
            submitted_at: None,
            reviewed_at: None,
            assessments: Vec::new(),
            conclusion: None,
            certificate: None,
            version: Version::FIRST,
        }
    }

    #[test]
    fn every_reason_is_in_the_contract() {
        let (part, day) = (AssessmentPart::Theory, Date::MIN);
        let all = [
            No::Transition { state: ApplicationState::Draft, wanted: "assessed" },
            No::ConditionsUnmet,
            No::IssuerNotListed { standing: IssuerStanding::StruckOff },
            No::NotAccredited { on: day },
            No::PartNotRequired { part },
            No::PartAssessed { part, record: 1 },
            No::CorrectionMisses { part, record: 1 },
            No::TooManyRecords,
            No::TooFewAssessors { part, needed: 3, given: 1 },
            No::AssessorsEven { part },
            No::AssessorTwice,
            No::AssessorIsCandidate,
            No::PartPassed { part },
            No::NoRetake,
            No::RetakeLate { until: day },
            No::DateEarly { earliest: day },
            No::DateInFuture,
            No::ScoreOutOfRange,
            No::CorrectionUnfounded,
            No::OtherIssuer,
        ];
        for refusal in all {
            let reason = Fault::from(refused(&refusal, &application())).reason();
            let known = ErrorReason::from_str_name(&format!("ERROR_REASON_{reason}"));
            assert!(known.is_some(), "{refusal:?}: {reason}");
        }
    }
}
