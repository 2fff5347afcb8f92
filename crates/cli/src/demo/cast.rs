//! The persons of the demo. All of them are invented: no region has the address code of their documents.

use greenroom_domain::kernel::Date;
use greenroom_proto::identity::v1::DocumentType;
use std::fmt::Write as _;

/// How many live sessions the demo cuts.
pub const SESSIONS: u32 = 20;

/// The account that every run leaves with a certificate in force, for people to try things on.
const SPARE: &str = "demo-spare";

/// The heading of a roll.
const HEADING: &str = "姓名,证件类型,证件号码,工种,职业技能等级,证书编号,发证日期";
/// No region has this address code.
const NOWHERE: &str = "000000";
/// The issuer's part of its certificate numbers: class, code, province, sequence.
const ISSUER_PREFIX: &str = "S000033DEMO01";

/// Whether the platform proves a person's identity in the demo.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It does.
    Given,
    /// It does not.
    Missing,
}

/// A certificate of the demo.
#[derive(Clone)]
pub struct Paper {
    /// Its number.
    pub number: String,
    /// The job type, as a roll spells it.
    pub job_type: &'static str,
    /// The level, as a roll spells it.
    pub level: &'static str,
    /// The day of issue.
    pub issue_date: String,
}

/// One person.
#[derive(Clone)]
pub struct Person {
    /// What to know about the person, for the table.
    pub label: String,
    /// The account on the demo platform.
    pub account: String,
    /// The name.
    pub name: String,
    /// The kind of document.
    pub document_type: DocumentType,
    /// Its number.
    pub document: String,
    /// Whether the identity is proven.
    pub proof: Proof,
    /// The certificate.
    pub paper: Option<Paper>,
}

/// What makes up the number of a certificate.
struct Cell {
    job_type: &'static str,
    level: &'static str,
    digit: u8,
}

const SALES_3: Cell = Cell { job_type: "直播销售员", level: "三级/高级工", digit: 3 };
const SALES_4: Cell = Cell { job_type: "直播销售员", level: "四级/中级工", digit: 4 };
const SALES_5: Cell = Cell { job_type: "直播销售员", level: "五级/初级工", digit: 5 };
const SELECTOR_3: Cell = Cell { job_type: "选品员", level: "三级/高级工", digit: 3 };

impl Cell {
    fn paper(&self, issue_date: &str, serial: u32) -> Paper {
        let year = issue_date.get(2..4).unwrap_or_default();
        Paper {
            number: format!("{ISSUER_PREFIX}{year}{}{serial:06}", self.digit),
            job_type: self.job_type,
            level: self.level,
            issue_date: issue_date.to_owned(),
        }
    }
}

/// The persons whose decisions are shown.
pub struct Cast {
    /// Is allowed.
    pub allowed: Person,
    /// Is 17, and the level is too low.
    pub minor: Person,
    /// Nobody has proven who it is.
    pub unproven: Person,
    /// Holds a certificate of another job type.
    pub selector: Person,
    /// Holds none.
    pub without: Person,
    /// The official look-up does not have the certificate yet.
    pub unpublished: Person,
    /// The document does not tell the age.
    pub ageless: Person,
}

impl Cast {
    /// The cast as it is on `today` (Beijing date): whoever is 17 stays 17.
    pub fn on(today: Date) -> Self {
        let year = year_of(today);
        let issued = format!("{}-06-03", year - 1);
        let person = |serial: u32, label: &str, born: String, cell: Option<&Cell>| Person {
            label: label.to_owned(),
            account: format!("demo-{serial}-{year}"),
            name: format!("演示·人物{serial}"),
            document_type: DocumentType::ResidentIdentityCard,
            document: resident_number(&born, serial),
            proof: Proof::Given,
            paper: cell.map(|cell| cell.paper(&issued, 900_000 + serial)),
        };
        let adult = || "19900101".to_owned();
        let ageless = person(7, "passport (tells no age), level 4", adult(), Some(&SALES_4));
        Self {
            allowed: person(1, "adult, live salesperson level 3", adult(), Some(&SALES_3)),
            minor: person(
                2,
                "17 years old, live salesperson level 5",
                format!("{}0101", year - 17),
                Some(&SALES_5),
            ),
            unproven: Person {
                proof: Proof::Missing,
                ..person(3, "level 4, identity not proven", adult(), Some(&SALES_4))
            },
            selector: person(4, "adult, product selector level 3", adult(), Some(&SELECTOR_3)),
            without: person(5, "adult without a certificate", adult(), None),
            unpublished: person(6, "level 4, not (yet) at the official look-up", adult(), Some(&SALES_4)),
            ageless: Person {
                document_type: DocumentType::Passport,
                document: format!("X{:07}", 7),
                ..ageless
            },
        }
    }

    /// Everybody, in the order of the table.
    pub fn all(&self) -> [&Person; 7] {
        let Self { allowed, minor, unproven, selector, without, unpublished, ageless } = self;
        [allowed, minor, unproven, selector, without, unpublished, ageless]
    }
}

/// The marketers of the sessions that are cut, and behind them one to spare: always the same persons, with new
/// certificates in every run.
pub fn marketers(today: Date, run: u32) -> Vec<Person> {
    let issued = today.to_string();
    let marketer = |index: u32| Person {
        label: format!("marketer {index}, level 4"),
        account: if index > SESSIONS { SPARE.to_owned() } else { format!("demo-marketer-{index}") },
        name: format!("演示·主播{index}"),
        document_type: DocumentType::ResidentIdentityCard,
        document: resident_number("19920202", 100 + index),
        proof: Proof::Given,
        paper: Some(SALES_4.paper(&issued, run * (SESSIONS + 1) + index)),
    };
    (1..=SESSIONS + 1).map(marketer).collect()
}

/// The roll with the certificates of these persons.
pub fn roll<'a>(persons: impl IntoIterator<Item = &'a Person>) -> String {
    let mut text = format!("{HEADING}\n");
    for person in persons {
        let Some(paper) = &person.paper else { continue };
        let kind = match person.document_type {
            DocumentType::Passport => "护照",
            _ => "居民身份证",
        };
        let _ = writeln!(
            text,
            "{},{kind},{},{},{},{},{}",
            person.name, person.document, paper.job_type, paper.level, paper.number, paper.issue_date
        );
    }
    text
}

fn year_of(date: Date) -> i32 {
    date.to_string().split('-').next().and_then(|year| year.parse().ok()).unwrap_or(2026)
}

/// A resident identity number of nowhere: 6 digits of address, 8 of birth, 3 of sequence, 1 check character (GB 11643).
fn resident_number(born: &str, sequence: u32) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = format!("{NOWHERE}{born}{sequence:03}");
    let sum: u32 =
        digits.chars().filter_map(|digit| digit.to_digit(10)).zip(WEIGHTS).map(|(d, w)| d * w).sum();
    let check = "10X98765432".chars().nth((sum % 11) as usize).unwrap_or('0');
    format!("{digits}{check}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::certification::{CertificateNumber, Scheme};
    use greenroom_domain::identity::{DocumentNumber, DocumentType as Kind};

    fn today() -> Date {
        Date::parse("2026-11-23").unwrap()
    }

    #[test]
    fn every_document_is_well_formed() {
        let cast = Cast::on(today());
        for person in cast.all().into_iter().chain(&marketers(today(), 0)) {
            let kind = match person.document_type {
                DocumentType::Passport => Kind::Passport,
                _ => Kind::ResidentIdentityCard,
            };
            assert!(DocumentNumber::parse(kind, &person.document).is_ok(), "{}", person.label);
        }
    }

    #[test]
    fn every_certificate_number_says_what_the_roll_says() {
        let cast = Cast::on(today());
        for paper in cast.all().into_iter().chain(&marketers(today(), 3)).filter_map(|it| it.paper.as_ref()) {
            let number = CertificateNumber::parse(&paper.number).unwrap();
            assert_eq!(number.scheme(), Scheme::Level22);
            assert_eq!(
                number.year().map(|year| year.to_string()),
                paper.issue_date.get(..4).map(str::to_owned)
            );
        }
    }

    #[test]
    fn no_two_runs_share_a_certificate() {
        let numbers = |run| marketers(today(), run).into_iter().filter_map(|it| it.paper).map(|it| it.number);

        assert!(numbers(0).all(|number| numbers(1).all(|other| number != other)));
    }
}
