use crate::kernel::StandardId;
use crate::occupation::{JobType, Level};
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
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
}

/// One edition of an occupational standard. Loaded from data: editions and their levels change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    id: StandardId,
    codes: Vec<OccupationCode>,
    edition: i32,
    levels: BTreeMap<JobType, BTreeSet<Level>>,
}

impl Standard {
    /// A standard with its codes (aliases of one occupation, the first is the standard's own), the year of its edition and the levels of each job type.
    pub fn try_new(
        id: StandardId,
        codes: Vec<OccupationCode>,
        edition: i32,
        levels: BTreeMap<JobType, BTreeSet<Level>>,
    ) -> Result<Self, StandardFault> {
        if codes.is_empty() {
            return Err(StandardFault::NoCode);
        }
        if levels.is_empty() || levels.values().any(BTreeSet::is_empty) {
            return Err(StandardFault::NoLevels);
        }
        Ok(Self { id, codes, edition, levels })
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

    /// Whether the standard defines this level for this job type.
    pub fn has_cell(&self, job_type: JobType, level: Level) -> bool {
        self.levels.get(&job_type).is_some_and(|levels| levels.contains(&level))
    }

    /// All its cells: by job type, then from the lowest skill to the highest.
    pub fn cells(&self) -> impl Iterator<Item = (JobType, Level)> + '_ {
        self.levels.iter().flat_map(|(job_type, levels)| levels.iter().map(|level| (*job_type, *level)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::occupation;

    fn standard() -> Standard {
        let mut levels: BTreeMap<JobType, BTreeSet<Level>> = BTreeMap::new();
        for (job_type, level) in occupation::cells() {
            levels.entry(job_type).or_default().insert(level);
        }
        let codes = ["4-01-02-07", "4-01-06-02"].map(|code| OccupationCode::try_new(code).unwrap());
        let id = StandardId::try_new("internet-marketer-2021").unwrap();
        Standard::try_new(id, codes.to_vec(), 2021, levels).unwrap()
    }

    #[test]
    fn both_codes_mean_the_same_occupation() {
        assert!(standard().has_code(&OccupationCode::try_new("4-01-06-02").unwrap()));
        assert!(!standard().has_code(&OccupationCode::try_new("4-13-05-03").unwrap()));
    }

    #[test]
    fn a_platform_administrator_has_no_level_above_three() {
        assert!(standard().has_cell(JobType::PlatformAdministrator, Level::Three));
        assert!(!standard().has_cell(JobType::PlatformAdministrator, Level::Two));
        assert_eq!(standard().cells().count(), 18);
    }

    #[test]
    fn a_code_has_its_form() {
        for text in ["", "4-1-02-07", "4-01-02-07-01", "A-01-02-07", "40102070", "4-01-02-0７"] {
            assert_eq!(OccupationCode::try_new(text), Err(StandardFault::CodeMalformed), "{text}");
        }
    }

    #[test]
    fn a_standard_without_codes_or_levels_is_refused() {
        let id = StandardId::try_new("empty").unwrap();
        let none = Standard::try_new(id.clone(), vec![], 2021, BTreeMap::new());
        assert_eq!(none, Err(StandardFault::NoCode));
        let code = OccupationCode::try_new("4-01-02-07").unwrap();
        let hollow = BTreeMap::from([(JobType::LiveSalesperson, BTreeSet::new())]);
        assert_eq!(Standard::try_new(id, vec![code], 2021, hollow), Err(StandardFault::NoLevels));
    }
}
