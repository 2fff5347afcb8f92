//! What the rows of a plan come to together: numbers that stand in more than one row, totals, the digest. Rows are read
//! back a page at a time, however many there are of one kind.

use crate::roll::Columns;
use aws_lc_rs::digest::{Context, SHA256};
use greenroom_domain::certification::port::{KeptFinding, PlanRow, PlannedCertificate, RollTotals, Store};
use greenroom_domain::certification::{RollCode, RollColumn, RollFinding, RollVerdict};
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
            for planned in rows.into_iter().filter_map(|row| row.planned) {
                let first = shared.first.get_or_insert_with(|| planned.clone());
                shared.one_person &= planned.holder == first.holder;
                shared.same &= planned.entry == first.entry;
            }
        }
    }

    /// Counts the rows and digests them, in the order of the file.
    pub(super) async fn total(&self) -> Result<(RollTotals, String), StoreError> {
        let mut totals = RollTotals::default();
        let mut digest = Context::new(&SHA256);
        let mut after = 0;
        loop {
            let rows = self.store.rows(self.import, None, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = last.row;
            for row in &rows {
                totals.count(row.verdict);
                digest.update(&canonical(row));
            }
        }
        Ok((totals, hexadecimal(digest.finish().as_ref())))
    }
}

fn settled(row: PlanRow, verdict: RollVerdict, told: &KeptFinding) -> PlanRow {
    let mut row = PlanRow { verdict, ..row };
    if !row.findings.contains(told) {
        row.findings.push(told.clone());
    }
    row
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A row as it is digested: every part behind its length. The ids of certificates to come are chance, and left out.
fn canonical(row: &PlanRow) -> Vec<u8> {
    let mut bytes = row.row.to_be_bytes().to_vec();
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
        add(&planned.base.map_or_else(String::new, |base| base.to_string()));
    }
    for finding in &row.findings {
        add(&finding.column);
        add(finding.code.code());
    }
    let length = (bytes.len() as u64).to_be_bytes();
    [length.as_slice(), bytes.as_slice()].concat()
}
