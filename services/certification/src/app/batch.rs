//! What the rows of a plan come to when they are carried out.

use super::App;
use greenroom_domain::certification::port::{
    CertificateRecord, IssuerRecord, PlanRow, PlannedCertificate, RollBatch, RollImport, RollImportState,
    Store,
};
use greenroom_domain::certification::{
    Certificate, CertificateDraft, EvidenceSource, IssuersWord, Refusal, RollVerdict,
};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::kernel::{CertificateId, PersonId};
use greenroom_domain::ledger::StoreError;
use std::collections::HashMap;

/// Certificates by their numbers. Several persons may be said to hold one.
#[derive(Default)]
pub(super) struct Numbered(HashMap<String, Vec<CertificateRecord>>);

impl Numbered {
    pub(super) fn new(records: Vec<CertificateRecord>) -> Self {
        let mut numbered: HashMap<String, Vec<CertificateRecord>> = HashMap::new();
        for record in records {
            numbered.entry(record.certificate.number.as_str().to_owned()).or_default().push(record);
        }
        Self(numbered)
    }

    /// The certificate that a roll's row with this number and holder is about: somebody else's, if a source ever confirmed
    /// it to be theirs; else the holder's own, if there is one. What was merely claimed of others is nothing to a roll.
    pub(super) fn of(&self, number: &str, holder: &PersonId) -> Option<&CertificateRecord> {
        let records = self.0.get(number)?;
        let others = |record: &&CertificateRecord| {
            record.certificate.holder != *holder && !record.certificate.is_merely_claimed()
        };
        let own = |record: &&CertificateRecord| record.certificate.holder == *holder;
        records.iter().find(others).or_else(|| records.iter().find(own))
    }

    /// The certificate with this number and id.
    pub(super) fn with_id(&self, number: &str, id: &CertificateId) -> Option<&CertificateRecord> {
        self.0.get(number)?.iter().find(|record| record.certificate.id == *id)
    }

    /// Whether a source confirmed this number of another certificate than this one.
    pub(super) fn verified_otherwise(&self, number: &str, id: &CertificateId) -> bool {
        let records = self.0.get(number).map_or(&[][..], Vec::as_slice);
        records.iter().any(|record| record.certificate.id != *id && record.certificate.state.is_verified())
    }

    /// The certificate that a row of a plan made at `planned_at` changes, if it still is as it was.
    pub(super) fn as_planned(&self, row: &PlanRow, planned_at: Timestamp) -> Option<&CertificateRecord> {
        let planned = row.planned.as_ref()?;
        let base = planned.before.as_ref()?.version;
        let record = match row.verdict {
            RollVerdict::Missing => self.with_id(&row.number, &planned.id),
            _ => self.of(&row.number, &planned.holder),
        };
        record.filter(|record| {
            record.certificate.id == planned.id && record.certificate.is_as_planned(base, planned_at)
        })
    }
}

/// The number of a row that can no longer be carried out as planned.
pub(super) struct Unfit(pub(super) i64);

impl<S: Store> App<S> {
    /// The certificates that have the numbers of these rows.
    pub(super) async fn known_of<'a>(
        &self,
        rows: impl Iterator<Item = &'a PlanRow>,
    ) -> Result<Numbered, StoreError> {
        let numbers: Vec<String> = rows.map(|row| row.number.clone()).collect();
        let found = self.store.certificates_numbered(&numbers).await?;
        Ok(Numbered::new(found))
    }

    /// What rows come to, given what is known under their numbers.
    pub(super) fn decide(
        &self,
        import: &RollImport,
        issuer: &IssuerRecord,
        rows: &[PlanRow],
        known: &Numbered,
        now: Timestamp,
    ) -> Result<RollBatch, Unfit> {
        let import_then = progressed(import, rows);
        let mut batch =
            RollBatch { import: import_then, creates: Vec::new(), updates: Vec::new(), rows: Vec::new() };
        for row in rows {
            let unfit = || Unfit(row.row);
            let planned = row.planned.as_ref().ok_or_else(unfit)?;
            match (&planned.before, known.of(&row.number, &planned.holder)) {
                (None, None) => {
                    let record = self.created(import, issuer, planned, now).map_err(|_| unfit())?;
                    batch.creates.push(record);
                }
                (Some(before), _) => {
                    let record = known.as_planned(row, import.create_time).ok_or_else(unfit)?.clone();
                    if record.certificate.version != before.version {
                        batch.rows.push(lapsed(row, planned, &record));
                    }
                    let changed = match row.verdict {
                        RollVerdict::Missing => self.withdrawn(import, issuer, record, now),
                        _ => self.updated(import, issuer, record, planned, now),
                    };
                    batch.updates.push(changed.map_err(|_| unfit())?);
                }
                (None, Some(_)) => return Err(unfit()),
            }
        }
        Ok(batch)
    }

    fn created(
        &self,
        import: &RollImport,
        issuer: &IssuerRecord,
        planned: &PlannedCertificate,
        now: Timestamp,
    ) -> Result<CertificateRecord, Refusal> {
        let IssuersWord { issuer, checked_at, validity } = self.word(import, issuer);
        let draft = draft(import, planned);
        let certificate = Certificate::from_roll(draft, issuer, checked_at, validity, now)?;
        Ok(CertificateRecord::new(certificate, Some(EvidenceSource::IssuerRoll), now))
    }

    fn updated(
        &self,
        import: &RollImport,
        issuer: &IssuerRecord,
        record: CertificateRecord,
        planned: &PlannedCertificate,
        now: Timestamp,
    ) -> Result<CertificateRecord, Refusal> {
        let (word, draft) = (self.word(import, issuer), draft(import, planned));
        let lag = &self.terms.publication_lag;
        Ok(CertificateRecord {
            certificate: record.certificate.confirmed_by_roll(draft, word, lag, now)?,
            source: Some(EvidenceSource::IssuerRoll),
            update_time: now,
            ..record
        })
    }

    fn withdrawn(
        &self,
        import: &RollImport,
        issuer: &IssuerRecord,
        record: CertificateRecord,
        now: Timestamp,
    ) -> Result<CertificateRecord, Refusal> {
        let (word, lag) = (self.word(import, issuer), &self.terms.publication_lag);
        Ok(CertificateRecord {
            certificate: record.certificate.missing_from_roll(word, lag, now)?,
            source: Some(EvidenceSource::IssuerRoll),
            update_time: now,
            ..record
        })
    }

    /// The issuer said it when the plan was made. Applying a plan later makes nothing younger.
    fn word<'a>(&self, import: &RollImport, issuer: &'a IssuerRecord) -> IssuersWord<'a> {
        let validity = self.terms.evidence_validity.of(EvidenceSource::IssuerRoll);
        IssuersWord { issuer: &issuer.issuer, checked_at: import.create_time, validity }
    }
}

/// A row whose certificate lapsed after the plan was made. To be rolled back, it has to tell what this import changed.
fn lapsed(row: &PlanRow, planned: &PlannedCertificate, record: &CertificateRecord) -> PlanRow {
    let before = Some(record.certificate.before(record.source));
    PlanRow { planned: Some(PlannedCertificate { before, ..planned.clone() }), ..row.clone() }
}

fn draft(import: &RollImport, planned: &PlannedCertificate) -> CertificateDraft {
    CertificateDraft {
        id: planned.id.clone(),
        number: planned.entry.number.clone(),
        holder: planned.holder.clone(),
        standard: import.standard.clone(),
        job_type: planned.entry.job_type,
        level: planned.entry.level,
        issuer: import.issuer.clone(),
        issue_date: planned.entry.issue_date,
    }
}

fn progressed(import: &RollImport, rows: &[PlanRow]) -> RollImport {
    RollImport {
        state: RollImportState::Applying,
        applied_count: import.applied_count + i64::try_from(rows.len()).unwrap_or(0),
        applied_through: rows.last().map_or(import.applied_through, |row| row.row),
        ..import.clone()
    }
}
