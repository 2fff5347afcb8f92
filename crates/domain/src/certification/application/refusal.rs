use super::ApplicationState;
use crate::certification::{AssessmentPart, IssuerStanding};
use crate::kernel::Date;
use thiserror::Error;

/// Why an application does not change as asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ApplicationRefusal {
    /// Nothing changes this state any more, or not in this way.
    #[error("an application in state `{}` cannot be {wanted}", state.code())]
    Transition {
        /// The present state.
        state: ApplicationState,
        /// What was asked for, as a participle.
        wanted: &'static str,
    },
    /// None of the conditions for the level is met.
    #[error("the candidate meets none of the conditions for this level")]
    ConditionsUnmet,
    /// Another issuer was applied to.
    #[error("the application is made to another issuer")]
    OtherIssuer,
    /// The issuer is not in the directory at present.
    #[error("the issuer is not listed at present (`{}`)", standing.code())]
    IssuerNotListed {
        /// Its standing.
        standing: IssuerStanding,
    },
    /// The issuer may not assess this on that day.
    #[error("the issuer is not accredited for this job type and level on `{on}`")]
    NotAccredited {
        /// The day of the assessment.
        on: Date,
    },
    /// The level does not require this part.
    #[error("the standard requires no {} for this level", part.code())]
    PartNotRequired {
        /// Which part.
        part: AssessmentPart,
    },
    /// The part is on record; another record must say which one it corrects.
    #[error("{} is on record; a correction names record `{record}`", part.code())]
    PartAssessed {
        /// Which part.
        part: AssessmentPart,
        /// The record that counts.
        record: i32,
    },
    /// A retake is for the parts that were not passed.
    #[error("{} was passed before; a retake is for the other parts", part.code())]
    PartPassed {
        /// Which part.
        part: AssessmentPart,
    },
    /// The standard allows no further attempt.
    #[error("the standard allows no further attempt")]
    NoRetake,
    /// The period of retakes is over.
    #[error("a retake was possible until `{until}`")]
    RetakeLate {
        /// The last day.
        until: Date,
    },
    /// No assessment takes place before this day.
    #[error("the assessment took place before `{earliest}`, when it could not yet")]
    DateEarly {
        /// The first day that makes sense.
        earliest: Date,
    },
    /// The assessment is said to have taken place later than today in Beijing.
    #[error("the assessment lies in the future")]
    DateInFuture,
    /// The score is no score.
    #[error("a score lies between 0 and 100")]
    ScoreOutOfRange,
    /// The standard asks for more assessors.
    #[error("{} needs {needed} assessors at least, has {given}", part.code())]
    TooFewAssessors {
        /// Which part.
        part: AssessmentPart,
        /// How many are needed.
        needed: i32,
        /// How many there were.
        given: i32,
    },
    /// The standard asks for an odd number of assessors.
    #[error("{} needs an odd number of assessors", part.code())]
    AssessorsEven {
        /// Which part.
        part: AssessmentPart,
    },
    /// One assessor counts once.
    #[error("an assessor is named twice")]
    AssessorTwice,
    /// Nobody assesses themselves.
    #[error("an assessor is the candidate")]
    AssessorIsCandidate,
    /// What a correction names is not the record that counts for its part.
    #[error("record `{record}` is not the one that counts for {}", part.code())]
    CorrectionMisses {
        /// What it names.
        record: i32,
        /// Which part.
        part: AssessmentPart,
    },
    /// A correction tells why.
    #[error("a correction needs a reason of a sensible length")]
    CorrectionUnfounded,
    /// So many records of one application are a mistake of some program.
    #[error("an application has {} records at most", super::Application::MOST_RECORDS)]
    TooManyRecords,
}
