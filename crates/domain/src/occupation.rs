//! Job types, and the levels of skill.
//!
//! The job types of an occupation are data of its standard. The levels are the national scheme: five of them, and the
//! "new eight levels" (新八级工) of 2022. **Level 1 is the highest and level 5 the lowest** of the five; the 2022 scheme
//! adds one grade below and two above. Never compare the digits: ask [`Level::meets_minimum`].

use std::fmt;
use thiserror::Error;

/// The id that a standard gives one of its job types 工种, such as `live-salesperson`.
///
/// Which job types there are, what they are called and which levels they have is told by standards, which are data; see
/// [`Standard`](crate::certification::Standard). The order is that of the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobType {
    /// Padded with zeros, which sort before every character of an id.
    text: [u8; LONGEST],
}

/// The longest id of a job type.
const LONGEST: usize = 40;

/// Why something is not the id of a job type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the id of a job type has 1 to 40 small letters, digits and hyphens, and begins with a letter")]
pub struct JobTypeFault;

impl JobType {
    /// An id, if the text is one.
    pub fn try_new(text: &str) -> Result<Self, JobTypeFault> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let letter_first = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        if !letter_first || !text.bytes().all(plain) {
            return Err(JobTypeFault);
        }
        let mut id = Self { text: [0; LONGEST] };
        id.text.get_mut(..text.len()).ok_or(JobTypeFault)?.copy_from_slice(text.as_bytes());
        Ok(id)
    }

    /// The id as text; the stable code, used in storage, events and messages.
    pub fn code(&self) -> &str {
        let text = self.text.split(|byte| *byte == 0).next().unwrap_or_default();
        // INVARIANT: ASCII, by construction.
        std::str::from_utf8(text).unwrap_or_default()
    }

    /// The job type with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::try_new(code).ok()
    }
}

impl fmt::Display for JobType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for JobType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.code(), f)
    }
}

/// What a standard calls one of its job types.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobTypeName {
    /// In English, such as `live salesperson`.
    pub english: String,
    /// The standard's own term, such as 直播销售员.
    pub chinese: String,
}

impl JobTypeName {
    /// For a job type that nobody has named: its id.
    pub fn unnamed(job_type: JobType) -> Self {
        Self { english: job_type.code().to_owned(), chinese: job_type.code().to_owned() }
    }
}

/// A skill level 职业技能等级. The order of the enum grows with skill: [`Level::Five`] is less than [`Level::One`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 学徒工, apprentice (new eight levels).
    Apprentice,
    /// 五级/初级工, junior: the lowest of the five.
    Five,
    /// 四级/中级工, intermediate.
    Four,
    /// 三级/高级工, senior.
    Three,
    /// 二级/技师, technician.
    Two,
    /// 一级/高级技师, senior technician: the highest of the five.
    One,
    /// 特级技师, specially appointed technician (new eight levels).
    SpeciallyAppointed,
    /// 首席技师, chief technician (new eight levels): the highest of all.
    Chief,
}

impl Level {
    /// Every level, from the lowest skill to the highest.
    pub const ALL: [Self; 8] = [
        Self::Apprentice,
        Self::Five,
        Self::Four,
        Self::Three,
        Self::Two,
        Self::One,
        Self::SpeciallyAppointed,
        Self::Chief,
    ];

    /// Whether a holder of this level may do what asks for `minimum`: the same level, or more skill.
    pub fn meets_minimum(self, minimum: Self) -> bool {
        self >= minimum
    }

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Apprentice => "LEVEL_APPRENTICE",
            Self::Five => "LEVEL_5",
            Self::Four => "LEVEL_4",
            Self::Three => "LEVEL_3",
            Self::Two => "LEVEL_2",
            Self::One => "LEVEL_1",
            Self::SpeciallyAppointed => "LEVEL_SPECIALLY_APPOINTED",
            Self::Chief => "LEVEL_CHIEF",
        }
    }

    /// The level with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// The scheme's own term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Apprentice => "学徒工",
            Self::Five => "五级/初级工",
            Self::Four => "四级/中级工",
            Self::Three => "三级/高级工",
            Self::Two => "二级/技师",
            Self::One => "一级/高级技师",
            Self::SpeciallyAppointed => "特级技师",
            Self::Chief => "首席技师",
        }
    }

    /// The term in English, such as `level 4`.
    pub const fn english(self) -> &'static str {
        match self {
            Self::Apprentice => "apprentice level",
            Self::Five => "level 5",
            Self::Four => "level 4",
            Self::Three => "level 3",
            Self::Two => "level 2",
            Self::One => "level 1",
            Self::SpeciallyAppointed => "specially appointed technician",
            Self::Chief => "chief technician",
        }
    }

    /// The level a certificate number writes as a digit, `5` (lowest) to `1` (highest).
    pub(crate) const fn from_digit(digit: char) -> Option<Self> {
        match digit {
            '5' => Some(Self::Five),
            '4' => Some(Self::Four),
            '3' => Some(Self::Three),
            '2' => Some(Self::Two),
            '1' => Some(Self::One),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_one_is_the_highest_of_the_numbered_levels() {
        assert!(Level::One.meets_minimum(Level::Five));
        assert!(!Level::Five.meets_minimum(Level::One));
        assert!(Level::Chief.meets_minimum(Level::SpeciallyAppointed));
        assert!(!Level::Apprentice.meets_minimum(Level::Five));
    }

    #[test]
    fn every_level_meets_itself_and_everything_below() {
        for (rank, level) in Level::ALL.into_iter().enumerate() {
            for (other_rank, other) in Level::ALL.into_iter().enumerate() {
                assert_eq!(level.meets_minimum(other), rank >= other_rank);
            }
        }
    }

    #[test]
    fn a_job_type_is_a_short_id_that_begins_with_a_letter() {
        let longest = "a".repeat(LONGEST);
        for text in ["a", "live-salesperson", "l2-assistant", longest.as_str()] {
            assert_eq!(JobType::try_new(text).map(|id| id.code().to_owned()), Ok(text.to_owned()));
        }
        let too_long = "a".repeat(LONGEST + 1);
        for text in
            ["", "-a", "2a", "Live", "live_salesperson", "live salesperson", "直播销售员", "a\0", &too_long]
        {
            assert_eq!(JobType::try_new(text), Err(JobTypeFault), "{text}");
        }
    }

    #[test]
    fn job_types_are_ordered_by_their_text() {
        let mut texts = ["b", "a-b", "a", "ab", "a1", "aa"];
        let mut ids = texts.map(|text| JobType::try_new(text).unwrap());
        texts.sort_unstable();
        ids.sort_unstable();
        assert_eq!(ids.map(|id| id.code().to_owned()), texts);
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for level in Level::ALL {
            assert_eq!(Level::from_code(level.code()), Some(level));
        }
        assert_eq!(Level::from_code("LEVEL_6"), None);
        assert_eq!(JobType::from_code("网络主播"), None);
        assert_eq!(JobType::from_code("live-salesperson").unwrap().to_string(), "live-salesperson");
    }

    #[test]
    fn numbers_write_levels_as_digits_from_five_down_to_one() {
        assert_eq!(Level::from_digit('5'), Some(Level::Five));
        assert_eq!(Level::from_digit('1'), Some(Level::One));
        assert_eq!(Level::from_digit('0'), None);
        assert_eq!(Level::from_digit('6'), None);
    }
}
