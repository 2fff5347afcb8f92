use crate::certification::{AssessmentPart, FULL_MARK};
use crate::kernel::{Date, PersonId, Timestamp};

/// Who assessed 考评员.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assessor {
    /// A person the suite knows: it can be said whether this is the candidate.
    Person {
        /// Who it is, suite-wide.
        person: PersonId,
        /// The issuer's own name for the person.
        pairwise: PersonId,
    },
    /// Somebody by the id the issuer gives its assessors. The issuer vouches that this is not the candidate.
    Listed(String),
}

impl Assessor {
    /// Whether both are the same person for all that is known.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Person { person, .. }, Self::Person { person: other, .. }) => person == other,
            (Self::Listed(id), Self::Listed(other)) => id == other,
            _ => false,
        }
    }

    /// Whether this is known to be that person.
    pub fn is_person(&self, candidate: &PersonId) -> bool {
        matches!(self, Self::Person { person, .. } if person == candidate)
    }
}

/// Which record is wrong, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The number of the record that is replaced.
    pub replaces: i32,
    /// Why, in words and without personal data; 1 to [`Correction::LONGEST_REASON`] characters.
    pub reason: String,
}

impl Correction {
    /// The most characters of a reason.
    pub const LONGEST_REASON: usize = 500;
}

/// What an issuer says of one part of an assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssessmentDraft {
    /// Which part.
    pub part: AssessmentPart,
    /// The score, 0 to [`Assessment::HIGHEST_SCORE`] points.
    pub score: i32,
    /// Who assessed.
    pub assessors: Vec<Assessor>,
    /// On which day.
    pub date: Date,
    /// Where.
    pub site: String,
    /// Set where an earlier record of the same part was wrong.
    pub correction: Option<Correction>,
}

/// One part of an assessment, as recorded. Appended and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Its number within the application, from 1.
    pub number: i32,
    /// The first assessment is attempt 1, the first retake attempt 2.
    pub attempt: i32,
    /// What the issuer said.
    pub said: AssessmentDraft,
    /// When it was recorded.
    pub record_time: Timestamp,
}

impl Assessment {
    /// The best score.
    pub const HIGHEST_SCORE: i32 = FULL_MARK;
}

/// The records that count: nobody replaced them.
pub(super) fn standing(assessments: &[Assessment]) -> impl Iterator<Item = &Assessment> {
    let replaced: Vec<i32> = assessments
        .iter()
        .filter_map(|record| record.said.correction.as_ref())
        .map(|correction| correction.replaces)
        .collect();
    assessments.iter().filter(move |record| !replaced.contains(&record.number))
}
