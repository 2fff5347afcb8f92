//! What a row of a certificate roll 证书名册 says, what is wrong with it, and what it does to what is known.
//!
//! A row is never refused at its first fault: it is told everything that is wrong with it. Persons do not appear here
//! but by their id; names and documents are the identity service's.

use super::roll_code::RollCode;
use super::{
    Certificate, CertificateNumber, CertificateState, FindingCode, Issuer, IssuerStanding, IssuersWord,
    NumberClaim, PublicationLag, Standard, cross_check,
};
use crate::kernel::{Date, PersonId, Timestamp, normalise_code};
use crate::occupation::{JobType, Level};
use std::time::Duration;

/// The columns of a roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollColumn {
    /// 姓名.
    Name,
    /// 证件类型.
    DocumentType,
    /// 证件号码.
    DocumentNumber,
    /// 工种.
    JobType,
    /// 职业技能等级.
    Level,
    /// 证书编号.
    CertificateNumber,
    /// 发证日期.
    IssueDate,
}

impl RollColumn {
    /// Every column.
    pub const ALL: [Self; 7] = [
        Self::Name,
        Self::DocumentType,
        Self::DocumentNumber,
        Self::JobType,
        Self::Level,
        Self::CertificateNumber,
        Self::IssueDate,
    ];

    /// The Chinese heading.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::Name => "姓名",
            Self::DocumentType => "证件类型",
            Self::DocumentNumber => "证件号码",
            Self::JobType => "工种",
            Self::Level => "职业技能等级",
            Self::CertificateNumber => "证书编号",
            Self::IssueDate => "发证日期",
        }
    }

    /// The English heading.
    pub const fn english(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::DocumentType => "document_type",
            Self::DocumentNumber => "document_number",
            Self::JobType => "job_type",
            Self::Level => "level",
            Self::CertificateNumber => "certificate_number",
            Self::IssueDate => "issue_date",
        }
    }

    /// The column with this heading, in either language; spaces around it and the case of letters do not count.
    pub fn from_heading(text: &str) -> Option<Self> {
        let text = text.trim_matches('\u{feff}').trim();
        Self::ALL
            .into_iter()
            .find(|column| column.chinese() == text || column.english().eq_ignore_ascii_case(text))
    }
}

/// Something about one row. Never a personal value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RollFinding {
    /// The column it is about; none for the row as a whole.
    pub column: Option<RollColumn>,
    /// What it is.
    pub code: RollCode,
}

impl RollFinding {
    /// A finding about one column.
    pub const fn about(column: RollColumn, code: RollCode) -> Self {
        Self { column: Some(column), code }
    }

    /// A finding about the row as a whole.
    pub const fn of_row(code: RollCode) -> Self {
        Self { column: None, code }
    }
}

/// What is to be done with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RollVerdict {
    /// Create a certificate.
    Create,
    /// Update a certificate.
    Update,
    /// Nothing: what it says is known.
    Unchanged,
    /// Nothing: it could be meant in more than one way.
    Ambiguous,
    /// Nothing: it is wrong.
    Invalid,
    /// No row: on record, and not in the roll.
    Missing,
}

impl RollVerdict {
    /// Every verdict.
    pub const ALL: [Self; 6] =
        [Self::Create, Self::Update, Self::Unchanged, Self::Ambiguous, Self::Invalid, Self::Missing];

    /// The stable code, used in storage and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Unchanged => "UNCHANGED",
            Self::Ambiguous => "AMBIGUOUS",
            Self::Invalid => "INVALID",
            Self::Missing => "MISSING",
        }
    }

    /// The verdict with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == code)
    }
}

/// What follows from a certificate's absence from a complete roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// It is no longer known to the issuer, and told so.
    NotFound,
    /// Nothing, for this reason.
    Noted(RollCode),
}

/// What a row says about a certificate, once it could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollEntry {
    /// The number.
    pub number: CertificateNumber,
    /// The job type.
    pub job_type: JobType,
    /// The level.
    pub level: Level,
    /// The date of issue.
    pub issue_date: Date,
}

/// Reads what a row says about a certificate under a standard. Every field that cannot be read is told; empty ones are
/// told by the caller, who knows the columns.
pub fn read_entry(
    standard: &Standard,
    job_type: &str,
    level: &str,
    number: &str,
    issue_date: &str,
) -> Result<RollEntry, Vec<RollFinding>> {
    let mut findings = Vec::new();
    let mut told = |column, code| findings.push(RollFinding::about(column, code));
    let job_type = read(
        job_type,
        |word| standard.job_type_called(word),
        || {
            told(RollColumn::JobType, RollCode::JobTypeUnknown);
        },
    );
    let level = read(level, level_of, || told(RollColumn::Level, RollCode::LevelUnknown));
    let number = read(
        number,
        |text| CertificateNumber::parse(text).ok(),
        || {
            told(RollColumn::CertificateNumber, RollCode::NumberMalformed);
        },
    );
    let issue_date = read(issue_date, date_of, || {
        told(RollColumn::IssueDate, RollCode::DateMalformed);
    });
    match (number, job_type, level, issue_date) {
        (Some(number), Some(job_type), Some(level), Some(issue_date)) => {
            Ok(RollEntry { number, job_type, level, issue_date })
        }
        _ => Err(findings),
    }
}

/// An empty field is silent here: that it is missing is told once, for all columns alike.
fn read<T>(text: &str, parse: impl Fn(&str) -> Option<T>, malformed: impl FnOnce()) -> Option<T> {
    let value = parse(text);
    if value.is_none() && !text.trim().is_empty() {
        malformed();
    }
    value
}

/// A level as people write it: `四级/中级工` or either half of it, the digit, or the code.
fn level_of(text: &str) -> Option<Level> {
    let plain = |text: &str| normalise_code(text).replace('_', "");
    let wanted = plain(text);
    let digit = wanted.strip_suffix('级').unwrap_or(&wanted);
    let mut digits = digit.chars();
    if let (Some(digit), None) = (digits.next(), digits.next())
        && let Some(level) = Level::from_digit(digit)
    {
        return Some(level);
    }
    Level::ALL.into_iter().find(|level| {
        let whole = level.chinese();
        let halves = whole.split('/');
        halves.chain([whole, level.english(), level.code()]).any(|written| plain(written) == wanted)
    })
}

/// A day as people write it: `2024-03-05`, `2024/3/5`, `2024.3.5`, `2024年3月5日` or `20240305`.
fn date_of(text: &str) -> Option<Date> {
    let separators = ['-', '－', '/', '／', '.', '．', '年', '月', '日'];
    let groups: Vec<String> =
        text.split(separators).map(normalise_code).filter(|group| !group.is_empty()).collect();
    match groups.as_slice() {
        [whole] => Date::parse_compact(whole).ok(),
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            Date::parse(&format!("{year}-{month:0>2}-{day:0>2}")).ok()
        }
        _ => None,
    }
}

/// What a roll is held against.
#[derive(Debug, Clone, Copy)]
pub struct RollTerms<'a> {
    /// Whose roll it is.
    pub issuer: &'a Issuer,
    /// The standard its certificates were issued under.
    pub standard: &'a Standard,
    /// The instant of the plan.
    pub now: Timestamp,
}

impl RollTerms<'_> {
    /// What speaks against a row, whoever its holder is: the number's contradictions, the standard, the accreditation.
    pub fn hold(&self, entry: &RollEntry) -> Vec<RollFinding> {
        let claim = NumberClaim {
            job_type: Some((self.standard, entry.job_type)),
            level: entry.level,
            issue_date: entry.issue_date,
            issuer: Some(self.issuer),
        };
        let mut findings: Vec<RollFinding> = cross_check(&entry.number, &claim)
            .iter()
            .map(|finding| match finding.code() {
                code @ FindingCode::CellNotInStandard => (RollColumn::Level, code),
                code => (RollColumn::CertificateNumber, code),
            })
            .map(|(column, code)| RollFinding::about(column, RollCode::Number(code)))
            .collect();
        if entry.issue_date > self.now.beijing_date() {
            findings.push(RollFinding::about(RollColumn::IssueDate, RollCode::DateInFuture));
        }
        if self.issuer.standing != IssuerStanding::Listed {
            findings.push(RollFinding::of_row(RollCode::IssuerNotListed));
        }
        let (standard, on) = (self.standard.id(), entry.issue_date);
        let in_standard = self.standard.has_cell(entry.job_type, entry.level);
        if in_standard && !self.issuer.is_accredited_for(standard, entry.job_type, entry.level, on) {
            findings.push(RollFinding::of_row(RollCode::NotAccredited));
        }
        findings
    }

    /// What an otherwise faultless row does, and why: `known` is the certificate that has its number, if any.
    pub fn judge(
        &self,
        entry: &RollEntry,
        holder: &PersonId,
        known: Option<&Certificate>,
    ) -> (RollVerdict, Vec<RollFinding>) {
        let number = |code| vec![RollFinding::about(RollColumn::CertificateNumber, code)];
        let Some(known) = known else {
            return (RollVerdict::Create, Vec::new());
        };
        if known.holder != *holder {
            return (RollVerdict::Ambiguous, number(RollCode::NumberTwoPersons));
        }
        // What somebody asserted about the issuer stands back behind the issuer's own word.
        if known.issuer != self.issuer.id && !known.is_merely_claimed() {
            return (RollVerdict::Invalid, number(RollCode::NumberOfOtherIssuer));
        }
        if known.state == CertificateState::Revoked {
            return (RollVerdict::Invalid, number(RollCode::CertificateRevoked));
        }
        if known.state == CertificateState::Superseded {
            return (RollVerdict::Unchanged, Vec::new());
        }
        let mut changes = self.changes(entry, known);
        if changes.is_empty() && self.renews(known) {
            changes.push(RollFinding::of_row(RollCode::EvidenceRenewed));
        }
        if changes.is_empty() { (RollVerdict::Unchanged, changes) } else { (RollVerdict::Update, changes) }
    }

    /// What follows for a certificate on record that a complete roll does not hold. `None` where a roll need not hold it:
    /// it is revoked, or a higher level has taken its place.
    ///
    /// A certificate that is issued so recently that it need not be published stays verified: so says
    /// [`Certificate::record_evidence`] of every source.
    pub fn judge_missing(&self, known: &Certificate, publication_lag: &PublicationLag) -> Option<Absence> {
        if known.state.is_final() {
            return None;
        }
        let word = IssuersWord { issuer: self.issuer, checked_at: self.now, validity: Duration::ZERO };
        let Ok(after) = known.clone().missing_from_roll(word, publication_lag, self.now) else {
            let listed = self.issuer.standing == IssuerStanding::Listed;
            let why = if listed { RollCode::MissingKnown } else { RollCode::IssuerNotListed };
            return Some(Absence::Noted(why));
        };
        let told = |it: &Certificate| (it.state, it.evidence_until, it.held);
        let same = told(&after) == told(known);
        Some(match (same, known.state) {
            (false, _) => Absence::NotFound,
            (true, CertificateState::Verified) => Absence::Noted(RollCode::MissingTooYoung),
            (true, _) => Absence::Noted(RollCode::MissingKnown),
        })
    }

    fn changes(&self, entry: &RollEntry, known: &Certificate) -> Vec<RollFinding> {
        let compared = [
            (entry.job_type != known.job_type, RollColumn::JobType, RollCode::JobTypeChanged),
            (entry.level != known.level, RollColumn::Level, RollCode::LevelChanged),
            (entry.issue_date != known.issue_date, RollColumn::IssueDate, RollCode::IssueDateChanged),
        ];
        let fields = compared.into_iter().filter(|(differs, ..)| *differs);
        let standard =
            (*self.standard.id() != known.standard).then_some(RollFinding::of_row(RollCode::StandardChanged));
        fields.map(|(_, column, code)| RollFinding::about(column, code)).chain(standard).collect()
    }

    /// Whether the issuer's word would tell something new. What people decided stands whatever the roll says.
    fn renews(&self, known: &Certificate) -> bool {
        match known.state {
            CertificateState::Suspended
            | CertificateState::SuspectedForged
            | CertificateState::IssuerStruckOff
            | CertificateState::Revoked
            | CertificateState::Superseded => false,
            CertificateState::Verified => known.is_due(self.now),
            CertificateState::Claimed
            | CertificateState::FormatOk
            | CertificateState::UnderVerification
            | CertificateState::NotFound
            | CertificateState::Mismatch => true,
        }
    }
}

#[cfg(test)]
mod tests;
