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
mod tests {
    use super::*;
    use crate::certification::samples::{self, LIVE_SALESPERSON, PLATFORM_ADMINISTRATOR, job_type};

    fn named(id: &str, english: &str, chinese: &str) -> StandardJobType {
        StandardJobType {
            job_type: job_type(id),
            name: JobTypeName { english: english.to_owned(), chinese: chinese.to_owned() },
            levels: BTreeSet::from([Level::Five]),
        }
    }

    fn of(job_types: Vec<StandardJobType>) -> Result<Standard, StandardFault> {
        let code = OccupationCode::try_new("4-01-02-07").unwrap();
        Standard::try_new(StandardId::try_new("trial").unwrap(), vec![code], 2021, job_types)
    }

    #[test]
    fn both_codes_mean_the_same_occupation() {
        assert!(samples::standard().has_code(&OccupationCode::try_new("4-01-06-02").unwrap()));
        assert!(!samples::standard().has_code(&OccupationCode::try_new("4-13-05-03").unwrap()));
    }

    #[test]
    fn a_standard_has_the_cells_its_data_give_it_and_no_others() {
        let standard = samples::standard();
        assert!(standard.has_cell(job_type(PLATFORM_ADMINISTRATOR), Level::Three));
        assert!(!standard.has_cell(job_type(PLATFORM_ADMINISTRATOR), Level::Two));
        assert!(!standard.has_cell(job_type("online-streamer"), Level::Five));
        assert_eq!(standard.cells().count(), 18);
    }

    #[test]
    fn a_job_type_is_known_by_its_id_and_by_its_names() {
        let standard = samples::standard();
        let words = [
            "直播销售员",
            "LIVE_SALESPERSON",
            "live salesperson",
            " 直播 销售员",
            "live-salesperson",
            "ＬＩＶＥ Salesperson",
        ];
        for word in words {
            assert_eq!(standard.job_type_called(word), Some(job_type(LIVE_SALESPERSON)), "{word}");
        }
        for word in ["", "网络主播", "live"] {
            assert_eq!(standard.job_type_called(word), None, "{word}");
        }
        assert_eq!(standard.name_of(job_type("other")).english, "other");
    }

    #[test]
    fn a_word_that_could_mean_two_job_types_is_refused() {
        let host = named("host", "streamer host", "主播");
        let twice = of(vec![host.clone(), host.clone()]).unwrap_err();
        assert_eq!(twice, StandardFault::JobTypeTwice(job_type("host")));
        let ambiguous = of(vec![host.clone(), named("guest", "Streamer-Host", "嘉宾")]).unwrap_err();
        assert_eq!(ambiguous.to_string(), "`STREAMERHOST` could mean the job type `host` or `guest`");
        for (english, chinese) in [("", "主播"), ("host", " "), ("a\tb", "主播")] {
            let nameless = of(vec![named("host", english, chinese)]).unwrap_err();
            assert_eq!(nameless, StandardFault::NameMalformed(job_type("host")));
        }
        assert!(of(vec![named("host", "host", "主播")]).is_ok());
    }

    #[test]
    fn job_types_are_read_back_as_they_were_written() {
        let standard = samples::standard();
        let text = StandardJobType::written(standard.job_types());
        assert_eq!(StandardJobType::read(&text).as_deref(), Some(standard.job_types()));
        for damaged in
            ["x", "host\thost\t主播\tLEVEL_9", "Host\thost\t主播\tLEVEL_5", "host\thost\t主播\tLEVEL_5\t"]
        {
            assert_eq!(StandardJobType::read(damaged), None, "{damaged}");
        }
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
        let job_types = vec![named("host", "host", "主播")];
        assert_eq!(Standard::try_new(id, vec![], 2021, job_types.clone()), Err(StandardFault::NoCode));
        assert_eq!(of(vec![]), Err(StandardFault::NoLevels));
        let hollow = StandardJobType { levels: BTreeSet::new(), ..job_types[0].clone() };
        assert_eq!(of(vec![hollow]), Err(StandardFault::NoLevels));
    }
}
