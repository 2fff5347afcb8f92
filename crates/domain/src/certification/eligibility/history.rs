use crate::certification::{DiplomaKind, TitleRank};
use crate::kernel::Date;
use crate::occupation::{JobType, Level};

/// Whether work counts as in the occupation itself 本职业 or in a related one 相关职业.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OccupationRelation {
    /// In the occupation.
    Same,
    /// In a related one. Which these are no standard here tells; whoever keeps the record decides it.
    Related,
}

/// Whether a diploma is one in the field of the occupation or a related one 本专业或相关专业.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldRelation {
    /// It is.
    InField,
    /// It is in another.
    OtherField,
}

/// A certificate of the same occupation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldCertificate {
    /// At which level.
    pub level: Level,
    /// For which job type.
    pub job_type: JobType,
    /// When it was issued.
    pub issue_date: Date,
}

/// A time of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkPeriod {
    /// The first day.
    pub from: Date,
    /// The last day, counted whole; none while it goes on.
    pub to: Option<Date>,
    /// In which occupation.
    pub occupation: OccupationRelation,
}

/// A training that was completed with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedTraining {
    /// For which level.
    pub level: Level,
    /// For which job type.
    pub job_type: JobType,
    /// How many standard hours it had.
    pub hours: i32,
    /// When it was completed.
    pub completion_date: Date,
}

/// A diploma, or one to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldDiploma {
    /// Its kind.
    pub kind: DiplomaKind,
    /// In which field.
    pub field: FieldRelation,
    /// The day of graduation. It may lie ahead.
    pub graduation_date: Date,
}

/// A professional title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldTitle {
    /// Its rank.
    pub rank: TitleRank,
    /// When it was awarded.
    pub award_date: Date,
}

/// What somebody has done, as far as conditions of application ask: facts, and nothing that tells who it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationHistory {
    /// Certificates of the same occupation, under this or another edition of its standard.
    pub certificates: Vec<HeldCertificate>,
    /// Work in the occupation or a related one.
    pub work: Vec<WorkPeriod>,
    /// Trainings completed with a certificate.
    pub trainings: Vec<CompletedTraining>,
    /// Diplomas.
    pub diplomas: Vec<HeldDiploma>,
    /// Professional titles.
    pub titles: Vec<HeldTitle>,
    /// When an apprenticeship in the occupation or a related one ended.
    pub apprenticeship_end: Option<Date>,
    /// The age that somebody who knows the birth date says was reached; birth dates themselves do not come here.
    pub age_reached: Option<i32>,
}
