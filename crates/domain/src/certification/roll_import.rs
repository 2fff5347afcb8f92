//! An import of a roll, from its plan to its end, as it is kept.

use super::port::CertificateRecord;
use super::{Before, RollCode, RollEntry, RollVerdict};
use crate::kernel::{
    CertificateId, ClientId, Date, IssuerId, PersonId, RollImportId, StandardId, Timestamp, Version,
};
use crate::occupation::{JobType, Level};

/// Where the numbers of rows begin that stand for certificates the file does not hold: behind those of any file.
pub const MISSING_FROM: i64 = 1 << 40;

/// Whether a roll holds everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollCoverage {
    /// Every certificate of the issuer under the standard.
    Complete,
    /// What it does not hold says nothing.
    Partial,
}

impl RollCoverage {
    /// Every coverage.
    pub const ALL: [Self; 2] = [Self::Complete, Self::Partial];

    /// The stable code, used in storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Complete => "COMPLETE",
            Self::Partial => "PARTIAL",
        }
    }

    /// The coverage with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|coverage| coverage.code() == code)
    }
}

/// What kind of file a roll is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollFormat {
    /// Separated values.
    Csv,
    /// An Office Open XML workbook.
    Xlsx,
}

impl RollFormat {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Csv, Self::Xlsx];

    /// The stable code, used in storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Xlsx => "XLSX",
        }
    }

    /// The format with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }
}

/// How the text of a roll is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollEncoding {
    /// UTF-8.
    Utf8,
    /// GB 18030.
    Gb18030,
}

impl RollEncoding {
    /// Every encoding.
    pub const ALL: [Self; 2] = [Self::Utf8, Self::Gb18030];

    /// The stable code, used in storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF_8",
            Self::Gb18030 => "GB18030",
        }
    }

    /// The encoding with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|encoding| encoding.code() == code)
    }
}

/// Who made a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planner {
    /// The client.
    pub client: ClientId,
    /// The person it acted for, if it did, under the id that the organization knows.
    pub person: Option<PersonId>,
}

impl Planner {
    /// Whether somebody else than the planner stands behind this approval: another client, for another person.
    pub fn is_other(&self, client: &ClientId, person: &PersonId) -> bool {
        self.client != *client && self.person.as_ref() != Some(person)
    }
}

/// That a second person looked at a plan and wants it applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The client.
    pub client: ClientId,
    /// The person it acted for.
    pub person: PersonId,
    /// When.
    pub time: Timestamp,
}

/// What rows of a plan have in common as far as a standard and an accreditation are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollShape {
    /// The job type.
    pub job_type: JobType,
    /// The level.
    pub level: Level,
    /// The date of issue.
    pub issue_date: Date,
    /// The number of the first row that says so.
    pub first_row: i64,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollImportState {
    /// The plan is made; nothing is applied.
    Planned,
    /// Being applied.
    Applying,
    /// Applied.
    Applied,
    /// Something the plan rests on changed before it was applied to its end, or it grew too old.
    Outdated,
    /// The plan is being made.
    Planning,
    /// The plan came to nothing. Final.
    Abandoned,
    /// Being rolled back.
    RollingBack,
    /// Rolled back. Final.
    RolledBack,
}

impl RollImportState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::Applying,
        Self::Applied,
        Self::Outdated,
        Self::Planning,
        Self::Abandoned,
        Self::RollingBack,
        Self::RolledBack,
    ];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Planned => "PLANNED",
            Self::Applying => "APPLYING",
            Self::Applied => "APPLIED",
            Self::Outdated => "OUTDATED",
            Self::Planning => "PLANNING",
            Self::Abandoned => "ABANDONED",
            Self::RollingBack => "ROLLING_BACK",
            Self::RolledBack => "ROLLED_BACK",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// How many rows of a plan came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RollTotals {
    /// New certificates.
    pub create: i64,
    /// Known certificates that change.
    pub update: i64,
    /// Known certificates that do not.
    pub unchanged: i64,
    /// Rows that could be meant in more than one way.
    pub ambiguous: i64,
    /// Rows that are wrong.
    pub invalid: i64,
    /// Certificates on record that are not in the file.
    pub missing: i64,
}

impl RollTotals {
    /// Counts one more row.
    pub fn count(&mut self, verdict: RollVerdict) {
        let total = match verdict {
            RollVerdict::Create => &mut self.create,
            RollVerdict::Update => &mut self.update,
            RollVerdict::Unchanged => &mut self.unchanged,
            RollVerdict::Ambiguous => &mut self.ambiguous,
            RollVerdict::Invalid => &mut self.invalid,
            RollVerdict::Missing => &mut self.missing,
        };
        *total += 1;
    }

    /// All but the missing: the number of rows of the file.
    pub const fn rows(&self) -> i64 {
        self.create + self.update + self.unchanged + self.ambiguous + self.invalid
    }
}

/// One import of a roll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollImport {
    /// Its id.
    pub id: RollImportId,
    /// Whose roll it is.
    pub issuer: IssuerId,
    /// The standard of its certificates.
    pub standard: StandardId,
    /// The file's name, for people.
    pub file_name: String,
    /// Whether the roll holds everything.
    pub coverage: RollCoverage,
    /// What kind of file it is, once that is known.
    pub format: Option<RollFormat>,
    /// How its text is encoded, once that is known and if it says anything.
    pub encoding: Option<RollEncoding>,
    /// How far it is.
    pub state: RollImportState,
    /// How many rows came to what.
    pub totals: RollTotals,
    /// How many certificates of the issuer under the standard were in force when the plan was made.
    pub in_force: i64,
    /// How many of those the plan withdraws.
    pub withdrawals: i64,
    /// How many rows of the plan were carried out.
    pub applied_count: i64,
    /// The number of the last row of the file that was carried out; 0 before the first.
    pub applied_through: i64,
    /// How many rows were rolled back.
    pub rolled_back_count: i64,
    /// How many rows could not be rolled back.
    pub kept_count: i64,
    /// The number of the last row that was rolled back or could not be; 0 before the first.
    pub rolled_back_through: i64,
    /// SHA-256 over the rows of the plan, in hexadecimal digits; empty before there is a plan.
    pub digest: String,
    /// When the plan was made.
    pub create_time: Timestamp,
    /// When it was applied.
    pub apply_time: Option<Timestamp>,
    /// Who made the plan.
    pub planner: Planner,
    /// Who approved it, if anybody has.
    pub approval: Option<Approval>,
    /// When it was rolled back.
    pub rollback_time: Option<Timestamp>,
    /// The version this value was read at.
    pub version: Version,
}

/// A finding as it is kept: the heading is that of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFinding {
    /// The column, as the file spells its heading; empty for the row as a whole.
    pub column: String,
    /// What it is.
    pub code: RollCode,
    /// What was on record, where it is a change; else empty. Never anything personal.
    pub before: String,
    /// What becomes of it; else empty.
    pub after: String,
}

impl KeptFinding {
    /// A finding that is no change.
    pub const fn plain(column: String, code: RollCode) -> Self {
        Self { column, code, before: String::new(), after: String::new() }
    }
}

/// The certificate a row of a plan is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCertificate {
    /// The id it has, or is to get.
    pub id: CertificateId,
    /// Its holder.
    pub holder: PersonId,
    /// What the row says.
    pub entry: RollEntry,
    /// What it was when the plan was made; none for a new certificate.
    pub before: Option<Before>,
}

/// One row of a plan. No name, no document: the holder is an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// The row's number in the file; the heading is row 1. From [`MISSING_FROM`] on: no row of the file.
    pub row: i64,
    /// What is to be done with it.
    pub verdict: RollVerdict,
    /// The certificate number, where it could be read; else empty.
    pub number: String,
    /// What it would do; none for rows that could not be read.
    pub planned: Option<PlannedCertificate>,
    /// What is wrong with it, or what it changes.
    pub findings: Vec<KeptFinding>,
}

/// One batch of an import on its way into the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollBatch {
    /// The import with its progress, at the version it was read at.
    pub import: RollImport,
    /// New certificates.
    pub creates: Vec<CertificateRecord>,
    /// Changed certificates, each at the version it was read at. What they were before is kept.
    pub updates: Vec<CertificateRecord>,
    /// Rows whose findings change, or what they say a certificate was before.
    pub rows: Vec<PlanRow>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_their_values() {
        for state in RollImportState::ALL {
            assert_eq!(RollImportState::from_code(state.code()), Some(state));
        }
        for coverage in RollCoverage::ALL {
            assert_eq!(RollCoverage::from_code(coverage.code()), Some(coverage));
        }
        for format in RollFormat::ALL {
            assert_eq!(RollFormat::from_code(format.code()), Some(format));
        }
        for encoding in RollEncoding::ALL {
            assert_eq!(RollEncoding::from_code(encoding.code()), Some(encoding));
        }
    }

    #[test]
    fn the_second_person_is_neither_the_planners_client_nor_the_planners_person() {
        let (client, person) =
            (|name| ClientId::try_new(name).unwrap(), |name| PersonId::try_new(name).unwrap());
        let planner = Planner { client: client("c1"), person: Some(person("p1")) };
        assert!(planner.is_other(&client("c2"), &person("p2")));
        assert!(!planner.is_other(&client("c1"), &person("p2")));
        assert!(!planner.is_other(&client("c2"), &person("p1")));
        assert!(Planner { person: None, ..planner }.is_other(&client("c2"), &person("p1")));
    }
}
