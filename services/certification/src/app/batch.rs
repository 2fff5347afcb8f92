//! What the rows of a plan come to when they are carried out.

use super::App;
use greenroom_domain::certification::port::{
    CertificateRecord, IssuerRecord, PlanRow, PlannedCertificate, RollBatch, RollImport, RollImportState,
    Store,
};
use greenroom_domain::certification::{Certificate, CertificateDraft, EvidenceSource, IssuersWord, Refusal};
use greenroom_domain::kernel::PersonId;
use greenroom_domain::kernel::Timestamp;
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
        let mut batch =
            RollBatch { import: progressed(import, rows), creates: Vec::new(), updates: Vec::new() };
        for row in rows {
            let unfit = || Unfit(row.row);
            let planned = row.planned.as_ref().ok_or_else(unfit)?;
            let record = known.of(planned.entry.number.as_str(), &planned.holder).cloned();
            match (planned.base, record) {
                (None, None) => {
                    let record = self.created(import, issuer, planned, now).map_err(|_| unfit())?;
                    batch.creates.push(record);
                }
                (Some(base), Some(record)) if record.certificate.is_as_planned(base, import.create_time) => {
                    let record = self.updated(import, issuer, record, planned, now).map_err(|_| unfit())?;
                    batch.updates.push(record);
                }
                _ => return Err(unfit()),
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

    /// The issuer said it when the plan was made. Applying a plan later makes nothing younger.
    fn word<'a>(&self, import: &RollImport, issuer: &'a IssuerRecord) -> IssuersWord<'a> {
        let validity = self.terms.evidence_validity.of(EvidenceSource::IssuerRoll);
        IssuersWord { issuer: &issuer.issuer, checked_at: import.create_time, validity }
    }
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
