//! Rows of the roll tables, and the values they stand for.

use super::rows::{damaged, date, id, known};
use greenroom_domain::certification::port::{
    Approval, KeptFinding, PlanRow, PlannedCertificate, Planner, RollCoverage, RollEncoding, RollFormat,
    RollImport, RollImportState, RollShape, RollTotals,
};
use greenroom_domain::certification::{
    Authority, Before, CertificateNumber, CertificateState, EvidenceSource, Hold, RollCode, RollEntry,
    RollVerdict,
};
use greenroom_domain::kernel::{Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::occupation::{JobType, Level};

/// A row of `roll_imports`.
pub(super) struct ImportRow {
    pub(super) id: String,
    pub(super) issuer: String,
    pub(super) standard: String,
    pub(super) file_name: String,
    pub(super) coverage: String,
    pub(super) format: String,
    pub(super) encoding: String,
    pub(super) state: String,
    pub(super) create_count: i64,
    pub(super) update_count: i64,
    pub(super) unchanged_count: i64,
    pub(super) ambiguous_count: i64,
    pub(super) invalid_count: i64,
    pub(super) missing_count: i64,
    pub(super) in_force_count: i64,
    pub(super) withdrawal_count: i64,
    pub(super) applied_count: i64,
    pub(super) applied_through: i64,
    pub(super) rolled_back_count: i64,
    pub(super) kept_count: i64,
    pub(super) rolled_back_through: i64,
    pub(super) digest: String,
    pub(super) create_time_us: i64,
    pub(super) apply_time_us: Option<i64>,
    pub(super) planned_by_client: String,
    pub(super) planned_by_person: String,
    pub(super) approved_by_client: String,
    pub(super) approved_by_person: String,
    pub(super) approve_time_us: Option<i64>,
    pub(super) rollback_time_us: Option<i64>,
    pub(super) version: i64,
}

/// A row of `roll_rows`.
pub(super) struct RollRow {
    pub(super) line: i64,
    pub(super) verdict: String,
    pub(super) number: String,
    pub(super) certificate: String,
    pub(super) holder: String,
    pub(super) job_type: String,
    pub(super) level: String,
    pub(super) issue_date: String,
    pub(super) base_version: i64,
    pub(super) before: String,
    pub(super) findings: String,
}

/// What rows of a plan have in common.
pub(super) struct ShapeRow {
    pub(super) job_type: String,
    pub(super) level: String,
    pub(super) issue_date: String,
    pub(super) first_row: i64,
}

impl ImportRow {
    pub(super) fn read(self) -> Result<RollImport, StoreError> {
        Ok(RollImport {
            id: id(&self.id, "roll_imports.id")?,
            issuer: id(&self.issuer, "roll_imports.issuer")?,
            standard: id(&self.standard, "roll_imports.standard")?,
            coverage: known(RollCoverage::from_code(&self.coverage), "roll_imports.coverage")?,
            format: optional(&self.format, RollFormat::from_code, "roll_imports.format")?,
            encoding: optional(&self.encoding, RollEncoding::from_code, "roll_imports.encoding")?,
            state: known(RollImportState::from_code(&self.state), "roll_imports.state")?,
            totals: RollTotals {
                create: self.create_count,
                update: self.update_count,
                unchanged: self.unchanged_count,
                ambiguous: self.ambiguous_count,
                invalid: self.invalid_count,
                missing: self.missing_count,
            },
            in_force: self.in_force_count,
            withdrawals: self.withdrawal_count,
            applied_count: self.applied_count,
            applied_through: self.applied_through,
            rolled_back_count: self.rolled_back_count,
            kept_count: self.kept_count,
            rolled_back_through: self.rolled_back_through,
            create_time: Timestamp::from_micros(self.create_time_us),
            apply_time: self.apply_time_us.map(Timestamp::from_micros),
            planner: self.planner()?,
            approval: self.approval()?,
            rollback_time: self.rollback_time_us.map(Timestamp::from_micros),
            version: Version::new(self.version),
            file_name: self.file_name,
            digest: self.digest,
        })
    }

    fn planner(&self) -> Result<Planner, StoreError> {
        let person = match self.planned_by_person.as_str() {
            "" => None,
            person => Some(id(person, "roll_imports.planned_by_person")?),
        };
        Ok(Planner { client: id(&self.planned_by_client, "roll_imports.planned_by_client")?, person })
    }

    fn approval(&self) -> Result<Option<Approval>, StoreError> {
        let Some(time) = self.approve_time_us else { return Ok(None) };
        Ok(Some(Approval {
            client: id(&self.approved_by_client, "roll_imports.approved_by_client")?,
            person: id(&self.approved_by_person, "roll_imports.approved_by_person")?,
            time: Timestamp::from_micros(time),
        }))
    }
}

fn optional<T>(
    code: &str,
    from_code: impl Fn(&str) -> Option<T>,
    place: &str,
) -> Result<Option<T>, StoreError> {
    if code.is_empty() { Ok(None) } else { known(from_code(code), place).map(Some) }
}

impl ShapeRow {
    pub(super) fn read(self) -> Result<RollShape, StoreError> {
        Ok(RollShape {
            job_type: known(JobType::from_code(&self.job_type), "roll_rows.job_type")?,
            level: known(Level::from_code(&self.level), "roll_rows.level")?,
            issue_date: date(&self.issue_date, "roll_rows.issue_date")?,
            first_row: self.first_row,
        })
    }
}

impl RollRow {
    /// The row of a planned one. What could not be read is empty.
    pub(super) fn of(row: &PlanRow) -> Self {
        let planned = row.planned.as_ref();
        let text = |value: fn(&PlannedCertificate) -> String| planned.map(value).unwrap_or_default();
        let before = planned.and_then(|planned| planned.before.as_ref());
        Self {
            line: row.row,
            verdict: row.verdict.code().to_owned(),
            number: row.number.clone(),
            certificate: text(|planned| planned.id.as_str().to_owned()),
            holder: text(|planned| planned.holder.as_str().to_owned()),
            job_type: text(|planned| planned.entry.job_type.code().to_owned()),
            level: text(|planned| planned.entry.level.code().to_owned()),
            issue_date: text(|planned| planned.entry.issue_date.to_string()),
            base_version: before.map_or(0, |before| before.version.as_i64()),
            before: before.map(written_before).unwrap_or_default(),
            findings: written(&row.findings),
        }
    }

    pub(super) fn read(self) -> Result<PlanRow, StoreError> {
        let planned = if self.certificate.is_empty() { None } else { Some(self.planned()?) };
        Ok(PlanRow {
            row: self.line,
            verdict: known(RollVerdict::from_code(&self.verdict), "roll_rows.verdict")?,
            number: self.number,
            planned,
            findings: findings(&self.findings)?,
        })
    }

    fn planned(&self) -> Result<PlannedCertificate, StoreError> {
        let entry = RollEntry {
            number: CertificateNumber::parse(&self.number).map_err(|_| damaged("roll_rows.number"))?,
            job_type: known(JobType::from_code(&self.job_type), "roll_rows.job_type")?,
            level: known(Level::from_code(&self.level), "roll_rows.level")?,
            issue_date: date(&self.issue_date, "roll_rows.issue_date")?,
        };
        let before = match self.before.as_str() {
            "" => None,
            text => Some(before(text, Version::new(self.base_version))?),
        };
        Ok(PlannedCertificate {
            id: id(&self.certificate, "roll_rows.certificate")?,
            holder: id(&self.holder, "roll_rows.holder")?,
            entry,
            before,
        })
    }
}

/// Where it is kept what a certificate was.
const PLACE: &str = "roll_rows.before";

/// What a certificate was, its parts behind each other with a space between. None of them has one.
fn written_before(before: &Before) -> String {
    let micros = |at: Option<Timestamp>| at.map_or_else(|| "-".to_owned(), |at| at.as_micros().to_string());
    [
        before.standard.as_str().to_owned(),
        before.job_type.code().to_owned(),
        before.level.code().to_owned(),
        before.issuer.as_str().to_owned(),
        before.issue_date.to_string(),
        before.state.code().to_owned(),
        before.state_since.as_micros().to_string(),
        micros(before.verified_at),
        micros(before.evidence_until),
        micros(before.retry_at),
        micros(before.checked_at),
        micros(before.lapsed_at),
        before
            .held
            .map_or_else(|| "-".to_owned(), |hold| format!("{}/{}", hold.by.code(), hold.beneath.code())),
        before.source.map_or("-", |source| source.code()).to_owned(),
    ]
    .join(" ")
}

fn before(text: &str, version: Version) -> Result<Before, StoreError> {
    let parts: Vec<&str> = text.split(' ').collect();
    let [
        standard,
        job_type,
        level,
        issuer,
        issue_date,
        state,
        since,
        verified,
        until,
        retry,
        checked,
        lapsed,
        held,
        source,
    ] = parts.as_slice()
    else {
        return Err(damaged(PLACE));
    };
    let micros = |text: &str| match text {
        "-" => Ok(None),
        digits => digits.parse().map(|at| Some(Timestamp::from_micros(at))).map_err(|_| damaged(PLACE)),
    };
    Ok(Before {
        standard: id(standard, PLACE)?,
        job_type: known(JobType::from_code(job_type), PLACE)?,
        level: known(Level::from_code(level), PLACE)?,
        issuer: id(issuer, PLACE)?,
        issue_date: date(issue_date, PLACE)?,
        state: known(CertificateState::from_code(state), PLACE)?,
        state_since: known(micros(since)?, PLACE)?,
        verified_at: micros(verified)?,
        evidence_until: micros(until)?,
        retry_at: micros(retry)?,
        checked_at: micros(checked)?,
        lapsed_at: micros(lapsed)?,
        held: held.split_once('/').map(|(by, beneath)| hold(by, beneath)).transpose()?,
        source: match *source {
            "-" => None,
            code => Some(known(EvidenceSource::from_code(code), PLACE)?),
        },
        version,
    })
}

fn hold(by: &str, beneath: &str) -> Result<Hold, StoreError> {
    Ok(Hold {
        by: known(Authority::from_code(by), PLACE)?,
        beneath: known(CertificateState::from_code(beneath), PLACE)?,
    })
}

/// One line per finding: the code, a space, the heading as the file spells it, and behind tabs what was before and after
/// if it is a change. Headings have no line breaks; a tab in one becomes a space.
pub(super) fn written(findings: &[KeptFinding]) -> String {
    let lines: Vec<String> = findings
        .iter()
        .map(|KeptFinding { column, code, before, after }| {
            let column = column.replace('\t', " ");
            if before.is_empty() && after.is_empty() {
                format!("{} {column}", code.code())
            } else {
                format!("{} {column}\t{before}\t{after}", code.code())
            }
        })
        .collect();
    lines.join("\n")
}

fn findings(text: &str) -> Result<Vec<KeptFinding>, StoreError> {
    text.lines()
        .map(|line| {
            let (code, rest) = line.split_once(' ').unwrap_or((line, ""));
            let mut parts = rest.split('\t').map(str::to_owned);
            let mut next = || parts.next().unwrap_or_default();
            Ok(KeptFinding {
                code: known(RollCode::from_code(code), "roll_rows.findings")?,
                column: next(),
                before: next(),
                after: next(),
            })
        })
        .collect()
}
