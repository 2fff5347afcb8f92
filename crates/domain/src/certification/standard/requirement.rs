use crate::occupation::Level;
use std::collections::BTreeSet;

/// Kinds of diplomas, as conditions tell them apart. Whoever keeps the record says which kind a diploma is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DiplomaKind {
    /// 初中: a junior middle school.
    JuniorMiddleSchool,
    /// 普通高中: a senior middle school.
    SeniorMiddleSchool,
    /// 技工学校: a technical school.
    TechnicalSchool,
    /// 中等职业学校: a secondary vocational school.
    SecondaryVocational,
    /// 经评估论证、以中级技能为培养目标的中等及以上职业学校: evaluated as training for intermediate skill.
    EvaluatedSecondaryVocational,
    /// 高级技工学校: a senior technical school.
    SeniorTechnicalSchool,
    /// 技师学院: a technician college.
    TechnicianCollege,
    /// 技师学院预备技师班: a class for prospective technicians.
    ProspectiveTechnician,
    /// 高等职业学校: a higher vocational school.
    HigherVocational,
    /// 经评估论证、以高级技能为培养目标的高等职业学校: evaluated as training for senior skill.
    EvaluatedHigherVocational,
    /// 大学专科: a junior college.
    College,
    /// 大学本科: a university, with a bachelor's degree.
    University,
    /// 研究生: a master's degree or a doctorate.
    Postgraduate,
}

impl DiplomaKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::JuniorMiddleSchool,
        Self::SeniorMiddleSchool,
        Self::TechnicalSchool,
        Self::SecondaryVocational,
        Self::EvaluatedSecondaryVocational,
        Self::SeniorTechnicalSchool,
        Self::TechnicianCollege,
        Self::ProspectiveTechnician,
        Self::HigherVocational,
        Self::EvaluatedHigherVocational,
        Self::College,
        Self::University,
        Self::Postgraduate,
    ];

    /// The stable code, used in data files, storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::JuniorMiddleSchool => "JUNIOR_MIDDLE_SCHOOL",
            Self::SeniorMiddleSchool => "SENIOR_MIDDLE_SCHOOL",
            Self::TechnicalSchool => "TECHNICAL_SCHOOL",
            Self::SecondaryVocational => "SECONDARY_VOCATIONAL",
            Self::EvaluatedSecondaryVocational => "EVALUATED_SECONDARY_VOCATIONAL",
            Self::SeniorTechnicalSchool => "SENIOR_TECHNICAL_SCHOOL",
            Self::TechnicianCollege => "TECHNICIAN_COLLEGE",
            Self::ProspectiveTechnician => "PROSPECTIVE_TECHNICIAN",
            Self::HigherVocational => "HIGHER_VOCATIONAL",
            Self::EvaluatedHigherVocational => "EVALUATED_HIGHER_VOCATIONAL",
            Self::College => "COLLEGE",
            Self::University => "UNIVERSITY",
            Self::Postgraduate => "POSTGRADUATE",
        }
    }

    /// The kind with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The term in Chinese.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::JuniorMiddleSchool => "初中",
            Self::SeniorMiddleSchool => "普通高中",
            Self::TechnicalSchool => "技工学校",
            Self::SecondaryVocational => "中等职业学校",
            Self::EvaluatedSecondaryVocational => "经评估论证的中等职业学校",
            Self::SeniorTechnicalSchool => "高级技工学校",
            Self::TechnicianCollege => "技师学院",
            Self::ProspectiveTechnician => "技师学院预备技师班",
            Self::HigherVocational => "高等职业学校",
            Self::EvaluatedHigherVocational => "经评估论证的高等职业学校",
            Self::College => "大学专科",
            Self::University => "大学本科",
            Self::Postgraduate => "研究生",
        }
    }

    /// The term in English.
    pub const fn english(self) -> &'static str {
        match self {
            Self::JuniorMiddleSchool => "junior middle school",
            Self::SeniorMiddleSchool => "senior middle school",
            Self::TechnicalSchool => "technical school",
            Self::SecondaryVocational => "secondary vocational school",
            Self::EvaluatedSecondaryVocational => "evaluated secondary vocational school",
            Self::SeniorTechnicalSchool => "senior technical school",
            Self::TechnicianCollege => "technician college",
            Self::ProspectiveTechnician => "class for prospective technicians",
            Self::HigherVocational => "higher vocational school",
            Self::EvaluatedHigherVocational => "evaluated higher vocational school",
            Self::College => "junior college",
            Self::University => "university",
            Self::Postgraduate => "postgraduate studies",
        }
    }
}

/// Ranks of professional titles 职称, from the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TitleRank {
    /// 初级职称.
    Junior,
    /// 中级职称.
    Intermediate,
    /// 高级职称.
    Senior,
}

impl TitleRank {
    /// Every rank, from the lowest.
    pub const ALL: [Self; 3] = [Self::Junior, Self::Intermediate, Self::Senior];

    /// The stable code, used in data files, storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Junior => "JUNIOR",
            Self::Intermediate => "INTERMEDIATE",
            Self::Senior => "SENIOR",
        }
    }

    /// The rank with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rank| rank.code() == code)
    }

    /// The term in Chinese.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Junior => "初级职称",
            Self::Intermediate => "中级职称",
            Self::Senior => "高级职称",
        }
    }

    /// The term in English.
    pub const fn english(self) -> &'static str {
        match self {
            Self::Junior => "junior title",
            Self::Intermediate => "intermediate title",
            Self::Senior => "senior title",
        }
    }
}

/// One thing that a condition of application 申报条件 asks for. The data compose conditions of these; there are no others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// A certificate of the same occupation and job type at this level or a higher one.
    Certificate {
        /// The level at least held.
        level: Level,
    },
    /// Work in this or a related occupation 本职业或相关职业.
    Work {
        /// For how many months.
        months: i32,
        /// Counted from the day of issue of a certificate of this level or a higher one; from any day if none.
        after_level: Option<Level>,
    },
    /// Regular training 正规培训 for a level of the same job type, with the certificate of its completion 结业证书.
    Training {
        /// For which level.
        level: Level,
        /// How many hours at least; the standard's own for that level if none.
        hours: Option<i32>,
    },
    /// A diploma of one of these kinds.
    Diploma {
        /// The kinds; any one suffices.
        kinds: BTreeSet<DiplomaKind>,
        /// Whether it must be one in the field of the occupation or a related one 本专业或相关专业.
        in_field: bool,
        /// Whether students count who graduate within a year 应届毕业生.
        graduating_allowed: bool,
    },
    /// A professional title 职称, and work after it was awarded.
    Title {
        /// The rank at least held.
        rank: TitleRank,
        /// For how many months; 0 for none.
        months: i32,
    },
    /// An apprenticeship in this or a related occupation that has ended 学徒期满.
    Apprenticeship,
    /// An age attained.
    Age {
        /// In years.
        years: i32,
    },
}
