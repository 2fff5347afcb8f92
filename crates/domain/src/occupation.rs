//! The occupation 互联网营销师 (Internet Marketer): its job types, its levels, and which of them go together.
//!
//! Source: the national occupational standard of 2021 (4-01-02-07, later 4-01-06-02) and the "new eight levels"
//! (新八级工) of 2022. **Level 1 is the highest and level 5 the lowest**; the 2022 scheme adds one grade below and two
//! above. Never compare the digits: ask [`Level::meets_minimum`].

/// A job type 工种 of the occupation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobType {
    /// 选品员: selects products.
    ProductSelector,
    /// 直播销售员: sells in live streams.
    LiveSalesperson,
    /// 视频创推员: creates and promotes videos.
    VideoCreator,
    /// 平台管理员: administers a platform; exists at levels 5 to 3 only.
    PlatformAdministrator,
}

impl JobType {
    /// Every job type, in the order of the standard.
    pub const ALL: [Self; 4] =
        [Self::ProductSelector, Self::LiveSalesperson, Self::VideoCreator, Self::PlatformAdministrator];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ProductSelector => "PRODUCT_SELECTOR",
            Self::LiveSalesperson => "LIVE_SALESPERSON",
            Self::VideoCreator => "VIDEO_CREATOR",
            Self::PlatformAdministrator => "PLATFORM_ADMINISTRATOR",
        }
    }

    /// The job type with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job_type| job_type.code() == code)
    }

    /// The standard's own term.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::ProductSelector => "选品员",
            Self::LiveSalesperson => "直播销售员",
            Self::VideoCreator => "视频创推员",
            Self::PlatformAdministrator => "平台管理员",
        }
    }

    /// The term in English.
    pub const fn english(self) -> &'static str {
        match self {
            Self::ProductSelector => "product selector",
            Self::LiveSalesperson => "live salesperson",
            Self::VideoCreator => "video creator",
            Self::PlatformAdministrator => "platform administrator",
        }
    }

    /// The highest level the standard defines for this job type.
    const fn highest(self) -> Level {
        match self {
            Self::PlatformAdministrator => Level::Three,
            Self::ProductSelector | Self::LiveSalesperson | Self::VideoCreator => Level::One,
        }
    }
}

/// A skill level 职业技能等级. The order of the enum grows with skill: [`Level::Five`] is less than [`Level::One`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 学徒工, apprentice (new eight levels).
    Apprentice,
    /// 五级/初级工, junior: the lowest level of the standard.
    Five,
    /// 四级/中级工, intermediate.
    Four,
    /// 三级/高级工, senior.
    Three,
    /// 二级/技师, technician.
    Two,
    /// 一级/高级技师, senior technician: the highest level of the standard.
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

    /// The standard's own term.
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

/// Whether the standard defines this level for this job type: one of 18 cells.
pub fn is_cell(job_type: JobType, level: Level) -> bool {
    (Level::Five..=job_type.highest()).contains(&level)
}

/// The 18 cells of the standard: by job type, then from the lowest skill to the highest.
pub fn cells() -> impl Iterator<Item = (JobType, Level)> {
    JobType::ALL
        .into_iter()
        .flat_map(|job_type| Level::ALL.into_iter().map(move |level| (job_type, level)))
        .filter(|(job_type, level)| is_cell(*job_type, *level))
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
    fn the_standard_has_eighteen_cells() {
        assert_eq!(cells().count(), 18);
        assert!(is_cell(JobType::PlatformAdministrator, Level::Three));
        assert!(!is_cell(JobType::PlatformAdministrator, Level::Two));
        assert!(is_cell(JobType::LiveSalesperson, Level::One));
        assert!(!is_cell(JobType::LiveSalesperson, Level::Apprentice));
        assert!(!is_cell(JobType::LiveSalesperson, Level::Chief));
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for job_type in JobType::ALL {
            assert_eq!(JobType::from_code(job_type.code()), Some(job_type));
        }
        for level in Level::ALL {
            assert_eq!(Level::from_code(level.code()), Some(level));
        }
        assert_eq!(Level::from_code("LEVEL_6"), None);
        assert_eq!(JobType::from_code("网络主播"), None);
    }

    #[test]
    fn numbers_write_levels_as_digits_from_five_down_to_one() {
        assert_eq!(Level::from_digit('5'), Some(Level::Five));
        assert_eq!(Level::from_digit('1'), Some(Level::One));
        assert_eq!(Level::from_digit('0'), None);
        assert_eq!(Level::from_digit('6'), None);
    }
}
