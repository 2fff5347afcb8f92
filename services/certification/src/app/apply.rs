//! Applies a plan, batch after batch. Progress is part of each batch's transaction, so a call that was cut off anywhere
//! is continued by the next one, and two calls at the same time do the work once.

use super::App;
use crate::error::Error;
use crate::wire::{self, facts};
use greenroom_domain::certification::port::{
    CertificateRecord, Change, IssuerRecord, PlanRow, PlannedCertificate, RollBatch, RollImport,
    RollImportState, Store,
};
use greenroom_domain::certification::{
    Certificate, CertificateDraft, Evidence, EvidenceResult, EvidenceSource, Refusal,
};
use greenroom_domain::kernel::{RollImportId, Timestamp};
use greenroom_domain::ledger::{StoreError, Write};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::{ApplyRollImportRequest, ApplyRollImportResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;
use std::collections::HashMap;

/// How many rows one transaction carries out.
const BATCH: i64 = 500;

impl<S: Store + HasLog> App<S> {
    /// Applies a plan, exactly as planned.
    pub async fn apply(
        &self,
        call: &Call,
        request: ApplyRollImportRequest,
    ) -> Result<ApplyRollImportResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let mut wrong = Violations::new();
        let id = wrong.take("name", greenroom_rpc::wire::name(&request.name));
        let id: RollImportId = wrong.finish(id)?;
        let import = self.import(&call.caller, &id).await?;
        if import.digest != request.digest {
            return Err(Error::RollDigestMismatch(id.name()));
        }
        if mode == Mode::Commit {
            self.apply_rows(call, &id).await?;
        }
        let plan = || self.conclude(call, &id, mode, once.now());
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(ApplyRollImportResponse { revision, ..done.answer })
    }

    /// The last step: the import is applied. If it is already, nothing changes.
    async fn conclude(
        &self,
        call: &Call,
        id: &RollImportId,
        mode: Mode,
        now: Timestamp,
    ) -> Result<Planned<Change, ApplyRollImportResponse>, Error> {
        let import = self.import(&call.caller, id).await?;
        let answer = |import: &RollImport| ApplyRollImportResponse {
            roll_import: Some(wire::import(import)),
            revision: String::new(),
        };
        if import.state == RollImportState::Applied || mode == Mode::ValidateOnly {
            let answer = answer(&import);
            return Ok(Planned { change: Change::Nothing, events: Vec::new(), answer });
        }
        let next = RollImport { state: RollImportState::Applied, apply_time: Some(now), ..import };
        let stored = stored(&next);
        Ok(Planned {
            change: Change::SaveImport(next),
            events: vec![facts::of_import(&stored)],
            answer: answer(&stored),
        })
    }

    async fn apply_rows(&self, call: &Call, id: &RollImportId) -> Result<(), Error> {
        let unknown = || Error::RollImportNotFound(id.name());
        loop {
            let import = self.store.import(id).await?.ok_or_else(unknown)?;
            if import.state == RollImportState::Applied {
                return Ok(());
            }
            let rows = self.store.rows_to_apply(id, import.applied_through, BATCH).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let issuer = self.store.issuer(&import.issuer).await?.ok_or_else(unknown)?;
            match self.apply_batch(call, &import, &issuer, &rows).await? {
                // Another call was faster: go on where it has come to.
                Ok(()) | Err(StoreError::Conflict) => {}
                Err(StoreError::Taken(_)) => return Err(self.outdated(&import, &rows).await?),
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn apply_batch(
        &self,
        call: &Call,
        import: &RollImport,
        issuer: &IssuerRecord,
        rows: &[PlanRow],
    ) -> Result<Result<(), StoreError>, Error> {
        let now = self.clock.now();
        let mut known = self.known(rows.iter().filter(|row| base(row).is_some())).await?;
        let mut batch =
            RollBatch { import: progressed(import, rows), creates: Vec::new(), updates: Vec::new() };
        let mut events = Vec::with_capacity(rows.len() + 1);
        for row in rows {
            let outdated = || Error::RollPlanOutdated(import.id.name(), row.row);
            let planned = row.planned.as_ref().ok_or_else(outdated)?;
            match planned.base {
                None => {
                    let record = self.created(import, issuer, planned, now).map_err(|_| outdated())?;
                    events.push(facts::of_certificate(&record));
                    batch.creates.push(record);
                }
                Some(base) => {
                    let record = known.remove(planned.entry.number.as_str());
                    let record =
                        record.filter(|record| record.certificate.version == base).ok_or_else(outdated)?;
                    let record = self.updated(import, record, planned, now).map_err(|_| outdated())?;
                    events.push(facts::of_certificate(&record.stored(now)));
                    batch.updates.push(record);
                }
            }
        }
        events.push(facts::of_import(&stored(&batch.import)));
        let write = Write {
            actor: call.actor(),
            method: call.method.to_string(),
            request: None,
            answer: Vec::new(),
            events,
            advance: None,
            now,
        };
        Ok(self.store.commit(Change::ApplyBatch(Box::new(batch)), write).await.map(|_| ()))
    }

    async fn known<'a>(
        &self,
        rows: impl Iterator<Item = &'a PlanRow>,
    ) -> Result<HashMap<String, CertificateRecord>, StoreError> {
        let numbers: Vec<String> = rows.map(|row| row.number.clone()).collect();
        let found = self.store.certificates_numbered(&numbers).await?;
        Ok(found.into_iter().map(|record| (record.certificate.number.as_str().to_owned(), record)).collect())
    }

    fn created(
        &self,
        import: &RollImport,
        issuer: &IssuerRecord,
        planned: &PlannedCertificate,
        now: Timestamp,
    ) -> Result<CertificateRecord, Refusal> {
        let draft = CertificateDraft {
            id: planned.id.clone(),
            number: planned.entry.number.clone(),
            holder: planned.holder.clone(),
            standard: import.standard.clone(),
            job_type: planned.entry.job_type,
            level: planned.entry.level,
            issuer: import.issuer.clone(),
            issue_date: planned.entry.issue_date,
        };
        let validity = self.terms.evidence_validity;
        Ok(CertificateRecord {
            certificate: Certificate::from_roll(draft, &issuer.issuer, now, validity, now)?,
            source: Some(EvidenceSource::IssuerRoll),
            revocation: None,
            create_time: now,
            update_time: now,
        })
    }

    fn updated(
        &self,
        import: &RollImport,
        record: CertificateRecord,
        planned: &PlannedCertificate,
        now: Timestamp,
    ) -> Result<CertificateRecord, Refusal> {
        let evidence = Evidence {
            source: EvidenceSource::IssuerRoll,
            result: EvidenceResult::Match,
            checked_at: now,
            fresh_until: now.plus(self.terms.evidence_validity),
            artefact_sha256: None,
        };
        let corrected = Certificate {
            standard: import.standard.clone(),
            job_type: planned.entry.job_type,
            level: planned.entry.level,
            issue_date: planned.entry.issue_date,
            ..record.certificate
        };
        Ok(CertificateRecord {
            certificate: corrected.record_evidence(&evidence, self.terms.publication_lag, now)?,
            source: Some(EvidenceSource::IssuerRoll),
            update_time: now,
            ..record
        })
    }

    /// Finds the row whose certificate changed, to name it.
    async fn outdated(&self, import: &RollImport, rows: &[PlanRow]) -> Result<Error, Error> {
        let known = self.known(rows.iter()).await?;
        let changed = rows.iter().find(|row| {
            let version = known.get(&row.number).map(|record| record.certificate.version);
            version != base(row)
        });
        let row = changed.or(rows.first()).map(|row| row.row).unwrap_or_default();
        Ok(Error::RollPlanOutdated(import.id.name(), row))
    }
}

fn base(row: &PlanRow) -> Option<greenroom_domain::kernel::Version> {
    row.planned.as_ref().and_then(|planned| planned.base)
}

fn progressed(import: &RollImport, rows: &[PlanRow]) -> RollImport {
    RollImport {
        state: RollImportState::Applying,
        applied_count: import.applied_count + i64::try_from(rows.len()).unwrap_or(0),
        applied_through: rows.last().map_or(import.applied_through, |row| row.row),
        ..import.clone()
    }
}

/// The import as it stands once its change is stored.
fn stored(import: &RollImport) -> RollImport {
    RollImport { version: import.version.next(), ..import.clone() }
}
