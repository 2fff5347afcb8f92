use super::{DiplomaKind, Requirement, Standard};
use crate::occupation::{JobType, Level};
use std::collections::BTreeSet;

/// Whether a value was read in the source it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confirmation {
    /// Believed to be so. Nothing may be decided on it alone.
    Unconfirmed,
    /// Read there.
    Confirmed,
}

impl Confirmation {
    /// What rests on both is as good as the worse of the two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }
}

/// A value with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Whether it was read in its source.
    pub confirmation: Confirmation,
    /// The source.
    pub source: String,
}

/// Prose in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// In the language of the standard.
    pub chinese: String,
    /// In English; may be empty.
    pub english: String,
}

/// The education at least needed 普通受教育程度.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinimumEducation {
    /// In words.
    pub text: Phrase,
    /// The diplomas that prove it, any one of them; none if the data do not tell.
    pub diplomas: BTreeSet<DiplomaKind>,
}

/// Reference hours of training 参考学时 for some cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrainingHours {
    /// For which level.
    pub level: Level,
    /// For which job types; for all that have the level if empty.
    pub job_types: BTreeSet<JobType>,
    /// How many standard hours at least.
    pub hours: i32,
}

/// The parts of an assessment 鉴定考核.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssessmentPart {
    /// 理论知识考试.
    Theory,
    /// 技能考核.
    Skills,
    /// 综合评审.
    ComprehensiveReview,
}

impl AssessmentPart {
    /// Every part, in the order in which they are taken.
    pub const ALL: [Self; 3] = [Self::Theory, Self::Skills, Self::ComprehensiveReview];

    /// The stable code, used in data files, storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Theory => "THEORY",
            Self::Skills => "SKILLS",
            Self::ComprehensiveReview => "COMPREHENSIVE_REVIEW",
        }
    }

    /// The part with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == code)
    }

    /// The standard's own term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Theory => "理论知识考试",
            Self::Skills => "技能考核",
            Self::ComprehensiveReview => "综合评审",
        }
    }

    /// The term in English.
    pub const fn english(self) -> &'static str {
        match self {
            Self::Theory => "theory exam",
            Self::Skills => "skill assessment",
            Self::ComprehensiveReview => "comprehensive review",
        }
    }
}

/// How many assessors a part needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assessors {
    /// How many at least.
    pub minimum: i32,
    /// Whether their number must be odd, so that they cannot be of two minds.
    pub parity: Parity,
}

/// Whether a number must be odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parity {
    /// It must.
    Odd,
    /// Any number will do.
    Any,
}

impl Assessors {
    /// Whether so many suffice.
    pub const fn suffice(self, count: i32) -> bool {
        let fits = match self.parity {
            Parity::Odd => count % 2 == 1,
            Parity::Any => true,
        };
        count >= self.minimum && fits
    }
}

/// What the standard asks of one part of an assessment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartRules {
    /// The part.
    pub part: AssessmentPart,
    /// The levels at which it is taken.
    pub levels: Sourced<BTreeSet<Level>>,
    /// The score at which it is passed, of [`FULL_MARK`]; none if the standard tells none.
    pub pass_mark: Option<Sourced<i32>>,
    /// Who has to be there; none if the standard tells nothing.
    pub assessors: Option<Sourced<Assessors>>,
}

/// The highest score of a part.
pub const FULL_MARK: i32 = 100;

/// How often, and until when, a part that was not passed may be taken again 补考.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetakeRule {
    /// How often.
    pub attempts: i32,
    /// Within how many months of the first conclusion; the same day of the last month is the last.
    pub within_months: i32,
}

/// A way to be admitted 申报条件: all its requirements together. Of the conditions of a cell, any one suffices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Its id within the standard, 1 to 40 small letters, digits and hyphens.
    pub id: String,
    /// The level it leads to.
    pub level: Level,
    /// The job types it leads to; all that have the level if empty.
    pub job_types: BTreeSet<JobType>,
    /// Its text.
    pub text: Phrase,
    /// All of these.
    pub requirements: Vec<Requirement>,
}

/// Everything that one edition of a standard tells, as its data file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardText {
    /// What it defines.
    pub standard: Standard,
    /// The occupation.
    pub name: Phrase,
    /// The sources of its codes, in their order.
    pub codes: Vec<Sourced<String>>,
    /// What people of this occupation do 职业定义.
    pub definition: Option<Sourced<Phrase>>,
    /// What they must be able to do 职业能力特征.
    pub ability_traits: Vec<Sourced<Phrase>>,
    /// 普通受教育程度, the education at least needed.
    pub minimum_education: Option<Sourced<MinimumEducation>>,
    /// 职业守则, one principle each.
    pub ethics_code: Vec<Sourced<Phrase>>,
    /// The sources of its job types and their levels, in the order of [`Standard::job_types`].
    pub job_types: Vec<Sourced<JobType>>,
    /// Reference hours of training; at most one entry for each cell.
    pub training_hours: Vec<Sourced<TrainingHours>>,
    /// The conditions of every level, in the order of the file.
    pub conditions: Vec<Sourced<Condition>>,
    /// The parts of the assessment, in the order in which they are taken.
    pub assessment: Vec<PartRules>,
    /// How a part may be taken again; not at all if none.
    pub retake: Option<Sourced<RetakeRule>>,
}

impl StandardText {
    /// The hours of training that the standard asks for at a cell; none if it tells none.
    pub fn hours(&self, job_type: JobType, level: Level) -> Option<&Sourced<TrainingHours>> {
        self.training_hours
            .iter()
            .find(|entry| entry.value.level == level && is_for(&entry.value.job_types, job_type))
    }

    /// The conditions under which somebody may apply for a cell.
    pub fn conditions_of(
        &self,
        job_type: JobType,
        level: Level,
    ) -> impl Iterator<Item = &Sourced<Condition>> {
        self.conditions
            .iter()
            .filter(move |entry| entry.value.level == level && is_for(&entry.value.job_types, job_type))
    }

    /// The parts of the assessment for a level, in the order in which they are taken.
    pub fn parts_of(&self, level: Level) -> impl Iterator<Item = &PartRules> {
        self.assessment.iter().filter(move |rules| rules.levels.value.contains(&level))
    }
}

fn is_for(job_types: &BTreeSet<JobType>, job_type: JobType) -> bool {
    job_types.is_empty() || job_types.contains(&job_type)
}
