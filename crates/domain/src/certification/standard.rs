mod requirement;
mod text;

pub use requirement::{DiplomaKind, Requirement, TitleRank};
pub use text::{
    AssessmentPart, Assessors, Condition, Confirmation, FULL_MARK, MinimumEducation, Parity, PartRules,
    Phrase, RetakeRule, Sourced, StandardText, TrainingHours,
};

use crate::kernel::{StandardId, normalise_code};
use crate::occupation::{JobType, JobTypeName, Level};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use thiserror::Error;

/// The code of an occupation in the national dictionary 职业分类大典, such as `4-01-02-07`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OccupationCode(Box<str>);

impl OccupationCode {
    /// A code, if the text has the form `4-01-02-07`.
    pub fn try_new(text: &str) -> Result<Self, StandardFault> {
        let lengths: Vec<usize> = text.split('-').map(str::len).collect();
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if plain && lengths == [1, 2, 2, 2] {
            Ok(Self(text.into()))
        } else {
            Err(StandardFault::CodeMalformed)
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OccupationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why something is not a standard.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StandardFault {
    /// An occupation code has four groups of one, two, two and two digits.
    #[error("an occupation code is written like `4-01-02-07`")]
    CodeMalformed,
    /// A standard is found by its codes.
    #[error("a standard has at least one occupation code")]
    NoCode,
    /// A standard without levels could certify nothing.
    #[error("a standard has at least one job type, and each at least one level")]
    NoLevels,
    /// An id means one job type.
    #[error("the job type `{0}` is there twice")]
    JobTypeTwice(JobType),
    /// A name has 1 to 80 characters, none of which controls anything.
    #[error("the names of the job type `{0}` have 1 to 80 characters each, and no control characters")]
    NameMalformed(JobType),
    /// Rolls name job types by these words; a word must mean one of them.
    #[error("`{word}` could mean the job type `{one}` or `{other}`")]
    WordAmbiguous {
        /// The word as it is compared.
        word: String,
        /// One job type.
        one: JobType,
        /// Another.
        other: JobType,
    },
}

/// A job type 工种 of a standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandardJobType {
    /// The id the standard's data give it.
    pub job_type: JobType,
    /// What it is called.
    pub name: JobTypeName,
    /// The levels it has.
    pub levels: BTreeSet<Level>,
}

impl StandardJobType {
    /// Job types as stores keep them: one a line; id, names and levels between tabs.
    pub fn written(job_types: &[Self]) -> String {
        let line = |it: &Self| {
            let levels: Vec<&str> = it.levels.iter().map(|level| level.code()).collect();
            [it.job_type.code(), &it.name.english, &it.name.chinese, &levels.join(" ")].join("\t")
        };
        job_types.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// What [`written`](Self::written) wrote.
    pub fn read(text: &str) -> Option<Vec<Self>> {
        let line = |line: &str| {
            let mut parts = line.split('\t');
            let job_type = JobType::from_code(parts.next()?)?;
            let (english, chinese) = (parts.next()?.to_owned(), parts.next()?.to_owned());
            let levels = parts.next()?.split(' ').map(Level::from_code).collect::<Option<_>>()?;
            let whole = parts.next().is_none();
            whole.then_some(Self { job_type, name: JobTypeName { english, chinese }, levels })
        };
        text.lines().map(line).collect()
    }

    /// What rolls may call it.
    fn words(&self) -> [String; 3] {
        [self.job_type.code(), &self.name.english, &self.name.chinese].map(plain)
    }
}

/// A word as it is compared: without spaces, hyphens and underscores, whatever the case and width of its letters.
fn plain(word: &str) -> String {
    normalise_code(word).replace('_', "")
}

/// What is defined by one edition of an occupational standard 国家职业标准: which occupation it is for, and its cells, the
/// job types with their levels. Always loaded from data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    id: StandardId,
    codes: Vec<OccupationCode>,
    edition: i32,
    job_types: Vec<StandardJobType>,
}

impl Standard {
    /// A standard with its codes (aliases of one occupation, the first is the standard's own), the year of its edition and
    /// its job types in its own order.
    pub fn try_new(
        id: StandardId,
        codes: Vec<OccupationCode>,
        edition: i32,
        job_types: Vec<StandardJobType>,
    ) -> Result<Self, StandardFault> {
        if codes.is_empty() {
            return Err(StandardFault::NoCode);
        }
        if job_types.is_empty() || job_types.iter().any(|job_type| job_type.levels.is_empty()) {
            return Err(StandardFault::NoLevels);
        }
        words_mean_one(&job_types)?;
        Ok(Self { id, codes, edition, job_types })
    }

    /// Its id.
    pub const fn id(&self) -> &StandardId {
        &self.id
    }

    /// The codes of the occupation; any of them means the same occupation.
    pub fn codes(&self) -> &[OccupationCode] {
        &self.codes
    }

    /// The year of the edition, such as 2021.
    pub const fn edition(&self) -> i32 {
        self.edition
    }

    /// Whether the occupation goes by this code.
    pub fn has_code(&self, code: &OccupationCode) -> bool {
        self.codes.contains(code)
    }

    /// Its job types, in its own order.
    pub fn job_types(&self) -> &[StandardJobType] {
        &self.job_types
    }

    /// One of its job types.
    pub fn job_type(&self, job_type: JobType) -> Option<&StandardJobType> {
        self.job_types.iter().find(|known| known.job_type == job_type)
    }

    /// The job type that people call so: by its id, or its name in either language. Case, spaces, hyphens and underscores
    /// do not count.
    pub fn job_type_called(&self, word: &str) -> Option<JobType> {
        let word = plain(word);
        self.job_types.iter().find(|known| known.words().contains(&word)).map(|known| known.job_type)
    }

    /// What a job type is called; its id if it is none of this standard's.
    pub fn name_of(&self, job_type: JobType) -> JobTypeName {
        let known = self.job_type(job_type).map(|known| known.name.clone());
        known.unwrap_or_else(|| JobTypeName::unnamed(job_type))
    }

    /// Whether the standard defines this level for this job type.
    pub fn has_cell(&self, job_type: JobType, level: Level) -> bool {
        self.job_type(job_type).is_some_and(|known| known.levels.contains(&level))
    }

    /// All its cells: by job type, then from the lowest skill to the highest.
    pub fn cells(&self) -> impl Iterator<Item = (JobType, Level)> + '_ {
        self.job_types.iter().flat_map(|known| known.levels.iter().map(|level| (known.job_type, *level)))
    }
}

fn words_mean_one(job_types: &[StandardJobType]) -> Result<(), StandardFault> {
    let mut meanings: BTreeMap<String, JobType> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for known in job_types {
        let other = known.job_type;
        if !ids.insert(other) {
            return Err(StandardFault::JobTypeTwice(other));
        }
        let named = |name: &str| {
            (1..=80).contains(&name.trim().chars().count()) && !name.chars().any(char::is_control)
        };
        if !named(&known.name.english) || !named(&known.name.chinese) {
            return Err(StandardFault::NameMalformed(other));
        }
        for word in known.words() {
            match meanings.insert(word.clone(), other) {
                Some(one) if one != other => return Err(StandardFault::WordAmbiguous { word, one, other }),
                _ => {}
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
