//! An application for an assessment 申报, the assessment 考核, and what comes of them.
//!
//! | in state | may be |
//! |---|---|
//! | DRAFT | changed, submitted, withdrawn |
//! | SUBMITTED | accepted, refused, withdrawn |
//! | ACCEPTED | assessed (becomes ASSESSING), withdrawn |
//! | ASSESSING | assessed, concluded (becomes PASSED or FAILED), withdrawn |
//! | PASSED | certified |
//! | FAILED | assessed again in the failed parts (becomes ASSESSING), as the standard's rule of retakes allows |
//! | REFUSED, CERTIFIED, WITHDRAWN | nothing |

mod assessment;
mod conclusion;
mod machine;
mod refusal;
mod state;

pub use assessment::{Assessment, AssessmentDraft, Assessor, Correction};
pub use conclusion::{
    AssessmentRules, Conclusion, PartOutcome, PartResult, PartRule, RetakeTerms, Stated, conclude,
};
pub use refusal::ApplicationRefusal;
pub use state::{ApplicationState, ReviewVerdict};

use crate::kernel::{ApplicationId, CertificateId, IssuerId, PersonId, StandardId, Timestamp, Version};
use crate::occupation::{JobType, Level};

/// An application for the assessment of one level of one job type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its id.
    pub id: ApplicationId,
    /// Who wants to be assessed, suite-wide.
    pub candidate: PersonId,
    /// By whom.
    pub issuer: IssuerId,
    /// Under which standard.
    pub standard: StandardId,
    /// For which job type.
    pub job_type: JobType,
    /// At which level.
    pub level: Level,
    /// How far it is.
    pub state: ApplicationState,
    /// Since when.
    pub state_since: Timestamp,
    /// When it was handed in.
    pub submitted_at: Option<Timestamp>,
    /// When the issuer accepted or refused it.
    pub reviewed_at: Option<Timestamp>,
    /// Every part on record, in the order of recording. Appended and never changed.
    pub assessments: Vec<Assessment>,
    /// What came of the latest attempt that was concluded.
    pub conclusion: Option<Conclusion>,
    /// The certificate that was issued on it.
    pub certificate: Option<CertificateId>,
    /// The version this value was read at.
    pub version: Version,
}

impl Application {
    /// The most records of one application.
    pub const MOST_RECORDS: usize = 100;

    /// The attempt the newest record belongs to; 0 before the first.
    pub fn attempt(&self) -> i32 {
        self.assessments.iter().map(|record| record.attempt).max().unwrap_or_default()
    }

    /// What the issuer answered; none before.
    pub fn verdict(&self) -> Option<ReviewVerdict> {
        let refused = self.state == ApplicationState::Refused;
        self.reviewed_at.map(|_| if refused { ReviewVerdict::Refuse } else { ReviewVerdict::Accept })
    }

    /// The record that corrects another; none where that one counts.
    pub fn corrected_by(&self, number: i32) -> Option<i32> {
        let corrects = |record: &&Assessment| {
            record.said.correction.as_ref().is_some_and(|correction| correction.replaces == number)
        };
        self.assessments.iter().find(corrects).map(|record| record.number)
    }
}

#[cfg(test)]
mod tests;
