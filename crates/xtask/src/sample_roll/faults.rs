//! The ways in which a row can be wrong.

use super::person::{Person, checked};
use super::random::Random;
use super::{Certificate, PLATFORM_ADMINISTRATOR, Row};

const NAME: usize = 0;
const DOCUMENT_TYPE: usize = 1;
const DOCUMENT: usize = 2;
const JOB_TYPE: usize = 3;
const LEVEL: usize = 4;
const NUMBER: usize = 5;
const DATE: usize = 6;

/// One way of being wrong.
#[derive(Clone, Copy)]
pub enum Fault {
    CheckDigit,
    DocumentLength,
    DocumentPrefix,
    DocumentBirthDate,
    DocumentType,
    NameTooLong,
    NameMissing,
    NameEncoding,
    FieldTooLong,
    RowLength,
    JobType,
    Level,
    Cell,
    LevelConflict,
    YearConflict,
    YearBeforeScheme,
    IssuerClass,
    IssuerCode,
    Province,
    NotAccredited,
    Number,
    Date,
    Future,
    TwoPersons,
    Several,
    OtherProvince,
}

impl Fault {
    pub const ALL: [Self; 26] = [
        Self::CheckDigit,
        Self::DocumentLength,
        Self::DocumentPrefix,
        Self::DocumentBirthDate,
        Self::DocumentType,
        Self::NameTooLong,
        Self::NameMissing,
        Self::NameEncoding,
        Self::FieldTooLong,
        Self::RowLength,
        Self::JobType,
        Self::Level,
        Self::Cell,
        Self::LevelConflict,
        Self::YearConflict,
        Self::YearBeforeScheme,
        Self::IssuerClass,
        Self::IssuerCode,
        Self::Province,
        Self::NotAccredited,
        Self::Number,
        Self::Date,
        Self::Future,
        Self::TwoPersons,
        Self::Several,
        Self::OtherProvince,
    ];

    /// A row with this fault; two for a number that stands for two persons.
    pub fn rows(self, random: &mut Random, serial: u32) -> Vec<Row> {
        let birth =
            format!("19{}{:02}{:02}", 70 + random.below(30), 1 + random.below(12), 1 + random.below(28));
        let person = Person::resident(&format!("测试·误{serial}"), &birth, serial);
        let (level, job_type) = (3, random.below(3));
        let certificate = Certificate {
            job_type,
            level,
            number: format!("S000033DEMO0024{level}{serial:06}"),
            date: "2024-06-07".to_owned(),
        };
        let row = Row { verdict: "INVALID", ..Row::good(&person, &certificate) };
        if let Self::TwoPersons = self {
            let other = Person::resident(&format!("测试·另{serial}"), "19990909", serial + 1);
            let row = told(row, "NUMBER_TWO_PERSONS");
            let mut second = row.clone();
            second.set(NAME, &other.name);
            second.set(DOCUMENT, &other.document);
            return [row, second].map(|row| Row { verdict: "AMBIGUOUS", ..row }).to_vec();
        }
        vec![self.of_person(row.clone(), &birth).or_else(|| self.of_certificate(row, serial)).unwrap_or_else(
            || {
                // INVARIANT: every other fault is one or the other; the roll's test would notice a row that is not.
                Row::good(&person, &certificate)
            },
        )]
    }

    fn of_person(self, mut row: Row, birth: &str) -> Option<Row> {
        let code = match self {
            Self::CheckDigit => {
                let document = row.text(DOCUMENT);
                let (digits, check) = document.split_at(17);
                row.set(DOCUMENT, &format!("{digits}{}", if check == "0" { "1" } else { "0" }));
                "CHECK_DIGIT_WRONG"
            }
            Self::DocumentLength => {
                row.set(DOCUMENT_TYPE, "护照");
                row.set(DOCUMENT, "X123");
                "DOCUMENT_LENGTH_WRONG"
            }
            Self::DocumentPrefix => {
                row.set(DOCUMENT, &checked(&format!("810000{birth}001")));
                "DOCUMENT_PREFIX_WRONG"
            }
            Self::DocumentBirthDate => {
                row.set(DOCUMENT, &checked("00000019990231001"));
                "DOCUMENT_BIRTH_DATE_WRONG"
            }
            Self::DocumentType => {
                row.set(DOCUMENT_TYPE, "军官证");
                "DOCUMENT_TYPE_UNKNOWN"
            }
            Self::NameTooLong => {
                row.set(NAME, &"测试".repeat(40));
                "NAME_MALFORMED"
            }
            Self::NameMissing => {
                row.set(NAME, "  ");
                "FIELD_MISSING"
            }
            Self::NameEncoding => {
                // 测试 in GB 18030.
                row.fields.splice(NAME..=NAME, [b"\xb2\xe2\xca\xd4".to_vec()]);
                "WRONG_ENCODING"
            }
            Self::FieldTooLong => {
                row.set(NAME, &"长".repeat(1400));
                "FIELD_TOO_LONG"
            }
            Self::RowLength => {
                row.fields.pop();
                "ROW_LENGTH"
            }
            _ => return None,
        };
        Some(told(row, code))
    }

    fn of_certificate(self, mut row: Row, serial: u32) -> Option<Row> {
        let (column, text, code) = match self {
            Self::JobType => (JOB_TYPE, "网络主播".to_owned(), "JOB_TYPE_UNKNOWN"),
            Self::Level => (LEVEL, "六级".to_owned(), "LEVEL_UNKNOWN"),
            Self::Cell => {
                row.set(JOB_TYPE, super::JOB_TYPES.get(PLATFORM_ADMINISTRATOR).copied().unwrap_or_default());
                row.set(LEVEL, "二级/技师");
                (NUMBER, format!("S000033DEMO00242{serial:06}"), "CELL_NOT_IN_STANDARD")
            }
            Self::LevelConflict => (LEVEL, "四级/中级工".to_owned(), "LEVEL_CONFLICT"),
            Self::YearConflict => (DATE, "2023-12-31".to_owned(), "YEAR_CONFLICT"),
            Self::YearBeforeScheme => {
                row.set(DATE, "2018-03-04");
                row = told(row, "NOT_ACCREDITED");
                (NUMBER, format!("S000033DEMO00183{serial:06}"), "YEAR_BEFORE_SCHEME")
            }
            Self::IssuerClass => (NUMBER, format!("Y000033DEMO00243{serial:06}"), "ISSUER_CLASS_CONFLICT"),
            Self::IssuerCode => (NUMBER, format!("S004233DEMO00243{serial:06}"), "ISSUER_CODE_CONFLICT"),
            Self::Province => (NUMBER, format!("S000099DEMO00243{serial:06}"), "PROVINCE_UNKNOWN"),
            Self::OtherProvince => (NUMBER, format!("S000044DEMO00243{serial:06}"), "PROVINCE_CONFLICT"),
            Self::NotAccredited => {
                row.set(DATE, "2021-12-31");
                (NUMBER, format!("S000033DEMO00213{serial:06}"), "NOT_ACCREDITED")
            }
            Self::Number => (NUMBER, "证书遗失".to_owned(), "NUMBER_MALFORMED"),
            Self::Date => (DATE, "2024-02-30".to_owned(), "DATE_MALFORMED"),
            Self::Future => {
                row.set(DATE, "2099-01-01");
                (NUMBER, format!("S000033DEMO00993{serial:06}"), "DATE_IN_FUTURE")
            }
            Self::Several => {
                row.set(LEVEL, "零级");
                row.set(DATE, "昨天");
                row = told(told(row, "LEVEL_UNKNOWN"), "DATE_MALFORMED");
                (DOCUMENT, "000000199901010000".to_owned(), "CHECK_DIGIT_WRONG")
            }
            _ => return None,
        };
        row.set(column, &text);
        Some(told(row, code))
    }

    /// The document of an earlier row under another name, with a certificate of its own.
    pub fn known_under_another_name(row: &Row, serial: u32) -> Row {
        let mut other = Row { verdict: "AMBIGUOUS", codes: vec!["PERSON_NAME_CONFLICT"], ..row.clone() };
        other.set(NAME, &format!("测试·冒{serial}"));
        let number = row.text(NUMBER);
        let kept: String = number.chars().take(16).collect();
        other.set(NUMBER, &format!("{kept}{serial:06}"));
        other
    }

    /// An earlier row once more.
    pub fn repeated(row: Row) -> Row {
        told(Row { verdict: "INVALID", ..row }, "NUMBER_DUPLICATE")
    }
}

fn told(mut row: Row, code: &'static str) -> Row {
    row.codes.push(code);
    row
}
