//! What the rows of a plan come to together: numbers that stand in more than one row, what is missing, totals, the digest.
//! Rows are read back a page at a time, however many there are of one kind.

use crate::roll::Columns;
use aws_lc_rs::digest::{Context, SHA256};
use greenroom_domain::certification::PublicationLag;
use greenroom_domain::certification::port::{
    CertificateRecord, KeptFinding, MISSING_FROM, PlanRow, PlannedCertificate, RollCoverage, RollTotals,
    Store,
};
use greenroom_domain::certification::{
    Absence, RollCode, RollColumn, RollEntry, RollFinding, RollTerms, RollVerdict,
};
use greenroom_domain::kernel::RollImportId;
use greenroom_domain::ledger::StoreError;

/// How many rows are read back, and written, at once.
const PAGE: i64 = 1000;

/// The staged rows of one plan.
pub(super) struct Staged<'a, S> {
    pub(super) store: &'a S,
    pub(super) import: &'a RollImportId,
    pub(super) columns: &'a Columns,
}

/// What the rows with one number have in common.
struct Shared {
    first: Option<PlannedCertificate>,
    one_person: bool,
    same: bool,
}

impl<S: Store> Staged<'_, S> {
    /// A number that stands for two persons in one file cannot be told apart: none of its rows is carried out. A row
    /// that says the same as an earlier one is refused as its repetition.
    pub(super) async fn settle_repeated_numbers(&self) -> Result<(), StoreError> {
        let mut after = String::new();
        let mut changed = Vec::new();
        loop {
            let numbers = self.store.repeated_numbers(self.import, &after, PAGE).await?;
            let Some(last) = numbers.last() else { break };
            after.clone_from(last);
            for number in &numbers {
                self.settle_number(number, &mut changed).await?;
            }
        }
        self.store.restage(self.import, &changed).await
    }

    async fn settle_number(&self, number: &str, changed: &mut Vec<PlanRow>) -> Result<(), StoreError> {
        let shared = self.shared(number).await?;
        let code = if shared.one_person { RollCode::NumberDuplicate } else { RollCode::NumberTwoPersons };
        let told = self.columns.keep(RollFinding::about(RollColumn::CertificateNumber, code));
        let repeats = shared.one_person && shared.same;
        let verdict = if repeats { RollVerdict::Invalid } else { RollVerdict::Ambiguous };
        let mut stands = repeats;
        let mut after = 0;
        loop {
            let rows = self.store.rows_numbered(self.import, number, after, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.row;
            for row in rows.into_iter().filter(|row| row.planned.is_some()) {
                if std::mem::take(&mut stands) {
                    continue;
                }
                changed.push(settled(row, verdict, &told));
            }
            if changed.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX) {
                self.store.restage(self.import, changed).await?;
                changed.clear();
            }
        }
    }

    async fn shared(&self, number: &str) -> Result<Shared, StoreError> {
        let mut shared = Shared { first: None, one_person: true, same: true };
        let mut after = 0;
        loop {
            let rows = self.store.rows_numbered(self.import, number, after, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(shared) };
            after = last.row;
            for planned in rows.iter().filter_map(|row| row.planned.as_ref()) {
                let first = shared.first.get_or_insert_with(|| planned.clone());
                shared.one_person &= planned.holder == first.holder;
                shared.same &= planned.entry == first.entry;
            }
        }
    }

    /// Counts the rows and digests them, in the order of the file.
    pub(super) async fn total(&self, coverage: RollCoverage) -> Result<(RollTotals, RollDigest), StoreError> {
        let mut totals = RollTotals::default();
        let mut digest = RollDigest::of(coverage);
        let mut after = 0;
        loop {
            let rows = self.store.rows(self.import, None, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = last.row;
            for row in &rows {
                totals.count(row.verdict);
                digest.add(row);
            }
        }
        Ok((totals, digest))
    }
}

fn settled(row: PlanRow, verdict: RollVerdict, told: &KeptFinding) -> PlanRow {
    let mut row = PlanRow { verdict, ..row };
    if !row.findings.contains(told) {
        row.findings.push(told.clone());
    }
    row
}

/// Judges certificates that a complete roll does not hold.
pub(super) struct Missing<'a> {
    pub(super) terms: RollTerms<'a>,
    pub(super) publication_lag: &'a PublicationLag,
    /// Whether a row of the roll has no readable number and may mean any of them.
    pub(super) uncertain: bool,
    /// How many were found so far.
    pub(super) found: i64,
    /// How many of those in force are withdrawn.
    pub(super) withdrawals: i64,
}

impl Missing<'_> {
    /// The row that stands for a certificate the roll does not hold.
    pub(super) fn row(&mut self, record: &CertificateRecord) -> Option<PlanRow> {
        let known = &record.certificate;
        let absence = self.terms.judge_missing(known, self.publication_lag)?;
        let noted = match absence {
            Absence::NotFound if self.uncertain => Some(RollCode::MissingUncertain),
            Absence::NotFound => None,
            Absence::Noted(code) => Some(code),
        };
        if noted.is_none() && known.state.is_verified() && !known.is_stale(self.terms.now) {
            self.withdrawals += 1;
        }
        let row = MISSING_FROM + self.found;
        self.found += 1;
        let planned = noted.is_none().then(|| PlannedCertificate {
            id: known.id.clone(),
            holder: known.holder.clone(),
            entry: RollEntry {
                number: known.number.clone(),
                job_type: known.job_type,
                level: known.level,
                issue_date: known.issue_date,
            },
            before: Some(known.before(record.source)),
        });
        let findings = noted.map(|code| KeptFinding::plain(String::new(), code));
        Some(PlanRow {
            row,
            verdict: RollVerdict::Missing,
            number: known.number.as_str().to_owned(),
            planned,
            findings: findings.into_iter().collect(),
        })
    }
}

/// The digest of a plan, row by row in their order.
#[derive(Clone)]
pub(super) struct RollDigest(Context);

impl RollDigest {
    /// Of no row yet.
    pub(super) fn of(coverage: RollCoverage) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(coverage.code().as_bytes());
        Self(context)
    }

    /// Of one row more.
    pub(super) fn add(&mut self, row: &PlanRow) {
        self.0.update(&canonical(row));
    }

    /// The digest, in hexadecimal digits.
    pub(super) fn finish(self) -> String {
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
        let bytes = self.0.finish();
        bytes.as_ref().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }
}

/// A row as it is digested: every part behind its length. The ids of certificates to come are chance, and left out.
fn canonical(row: &PlanRow) -> Vec<u8> {
    let mut bytes = vec![0; 8];
    bytes.extend(row.row.to_be_bytes());
    let mut add = |text: &str| {
        bytes.extend((text.len() as u64).to_be_bytes());
        bytes.extend(text.as_bytes());
    };
    add(row.verdict.code());
    add(&row.number);
    if let Some(planned) = &row.planned {
        add(planned.holder.as_str());
        add(planned.entry.job_type.code());
        add(planned.entry.level.code());
        add(&planned.entry.issue_date.to_string());
        add(&planned.before.as_ref().map_or_else(String::new, |before| before.version.to_string()));
    }
    for finding in &row.findings {
        add(&finding.column);
        add(finding.code.code());
    }
    let length = (bytes.len() as u64 - 8).to_be_bytes();
    bytes.splice(..8, length);
    bytes
}
