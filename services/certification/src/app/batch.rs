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
use greenroom_domain::ledger::StoreError;
use std::collections::HashMap;

/// The number of a row that can no longer be carried out as planned.
pub(super) struct Unfit(pub(super) i64);

impl<S: Store> App<S> {
    /// The certificates that have the numbers of these rows.
    pub(super) async fn known_of<'a>(
        &self,
        rows: impl Iterator<Item = &'a PlanRow>,
    ) -> Result<HashMap<String, CertificateRecord>, StoreError> {
        let numbers: Vec<String> = rows.map(|row| row.number.clone()).collect();
        let found = self.store.certificates_numbered(&numbers).await?;
        Ok(found.into_iter().map(|record| (record.certificate.number.as_str().to_owned(), record)).collect())
    }

    /// What rows come to, given what is known under their numbers.
    pub(super) fn decide(
        &self,
        import: &RollImport,
        issuer: &IssuerRecord,
        rows: &[PlanRow],
        mut known: HashMap<String, CertificateRecord>,
        now: Timestamp,
    ) -> Result<RollBatch, Unfit> {
        let import_then = progressed(import, rows);
        let mut batch =
            RollBatch { import: import_then, creates: Vec::new(), updates: Vec::new(), rows: Vec::new() };
        for row in rows {
            let unfit = || Unfit(row.row);
            let planned = row.planned.as_ref().ok_or_else(unfit)?;
            let record = known.remove(planned.entry.number.as_str());
            match (&planned.before, record) {
                (None, None) => {
                    let record = self.created(import, issuer, planned, now).map_err(|_| unfit())?;
                    batch.creates.push(record);
                }
                (Some(before), Some(record)) if record.certificate.version == before.version => {
                    let changed = match row.verdict {
                        RollVerdict::Missing => self.withdrawn(import, issuer, record, now),
                        _ => self.updated(import, issuer, record, planned, now),
                    };
                    batch.updates.push(changed.map_err(|_| unfit())?);
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
        Ok(CertificateRecord {
            certificate: Certificate::from_roll(draft, issuer, checked_at, validity, now)?,
            source: Some(EvidenceSource::IssuerRoll),
            revocation: None,
            create_time: now,
            update_time: now,
        })
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
        let lag = self.terms.publication_lag;
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
        let (word, lag) = (self.word(import, issuer), self.terms.publication_lag);
        Ok(CertificateRecord {
            certificate: record.certificate.missing_from_roll(word, lag, now)?,
            source: Some(EvidenceSource::IssuerRoll),
            update_time: now,
            ..record
        })
    }

    /// The issuer said it when the plan was made. Applying a plan later makes nothing younger.
    fn word<'a>(&self, import: &RollImport, issuer: &'a IssuerRecord) -> IssuersWord<'a> {
        let validity = self.terms.evidence_validity;
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
