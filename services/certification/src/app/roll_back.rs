//! Rolls an import back, batch after batch, as it was applied: progress is part of each batch's transaction, so a call that
//! was cut off anywhere is continued by the next one, and two calls at the same time do the work once.

use super::batch::Numbered;
use super::{App, own_write, stored};
use crate::error::Error;
use crate::wire::{self, facts};
use greenroom_domain::certification::RollCode;
use greenroom_domain::certification::port::{
    CertificateRecord, Change, KeptFinding, PlanRow, RollBatch, RollImport, RollImportState, Store,
};
use greenroom_domain::kernel::{RollImportId, Timestamp, Version};
use greenroom_domain::ledger::{EventDraft, StoreError};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::{RollBackRollImportRequest, RollBackRollImportResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;

/// How many rows one transaction rolls back.
const BATCH: i64 = 1000;

impl<S: Store + HasLog> App<S> {
    /// Rolls an import back.
    pub async fn roll_back(
        &self,
        call: &Call,
        request: RollBackRollImportRequest,
    ) -> Result<RollBackRollImportResponse, Error> {
        let mode = Mode::from(request.validate_only);
        let once = Once::new(call, &request, &request.request_id, mode, &self.key, &self.clock)?;
        let mut wrong = Violations::new();
        let id = wrong.take("name", greenroom_rpc::wire::name(&request.name));
        let id: RollImportId = wrong.finish(id)?;
        if let Some(done) = once.recall::<_, RollBackRollImportResponse>(self.store.log()).await? {
            return Ok(RollBackRollImportResponse { revision: done.revision(), ..done.answer });
        }
        let import = self.import(&call.caller, &id).await?;
        if import.applied_count == 0 {
            return Err(Error::RollNotApplied(id.name()));
        }
        let reached = self.carry_back(call, &id, mode).await?;
        let (id, reached, now) = (&id, &reached, once.now());
        let plan = || async move {
            let import = match mode {
                Mode::ValidateOnly => reached.clone(),
                Mode::Commit => self.import(&call.caller, id).await?,
            };
            let answer = |import: &RollImport| RollBackRollImportResponse {
                roll_import: Some(wire::import(import)),
                revision: String::new(),
            };
            if import.state == RollImportState::RolledBack || mode == Mode::ValidateOnly {
                let answer = answer(&import);
                return Ok(Planned { change: Change::Nothing, events: Vec::new(), answer });
            }
            let state = RollImportState::RolledBack;
            let ended = RollImport { state, rollback_time: Some(now), ..import };
            let stored = stored(&ended);
            let (events, answer) = (vec![facts::of_import(&stored)], answer(&stored));
            Ok::<_, Error>(Planned { change: Change::SaveImport(ended), events, answer })
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(RollBackRollImportResponse { revision, ..done.answer })
    }

    /// Rolls back what is left, or with `ValidateOnly` tells what that would come to. Gives the import as it stands then.
    async fn carry_back(&self, call: &Call, id: &RollImportId, mode: Mode) -> Result<RollImport, Error> {
        let mut import = self.import_known(id).await?;
        loop {
            if import.state == RollImportState::RolledBack {
                return Ok(import);
            }
            let rows = self.store.rows_to_apply(id, import.rolled_back_through, BATCH).await?;
            let applied: Vec<PlanRow> =
                rows.into_iter().take_while(|row| row.row <= import.applied_through).collect();
            // A batch of nothing, too, stops an application that is still going on.
            if applied.is_empty()
                && (import.state == RollImportState::RollingBack || mode == Mode::ValidateOnly)
            {
                return Ok(import);
            }
            let now = self.clock.now();
            let known = self.known_of(applied.iter()).await?;
            let batch = restored(&import, applied, &known, now);
            if mode == Mode::ValidateOnly {
                let state = import.state;
                import = RollImport { state, ..batch.import };
                continue;
            }
            let updates = batch.updates.iter().map(|record| facts::of_certificate(&record.stored(now)));
            let mut events: Vec<EventDraft> = updates.collect();
            events.push(facts::of_import(&stored(&batch.import)));
            let write = own_write(call, events, now);
            match self.store.commit(Change::ApplyBatch(Box::new(batch)), write).await {
                // Another call was faster, or a certificate changed meanwhile: look again.
                Ok(_) | Err(StoreError::Conflict | StoreError::Taken(_)) => {}
                Err(error) => return Err(error.into()),
            }
            import = self.import_known(id).await?;
        }
    }

    async fn import_known(&self, id: &RollImportId) -> Result<RollImport, Error> {
        self.store.import(id).await?.ok_or_else(|| Error::RollImportNotFound(id.name()))
    }
}

/// What rolling these rows back comes to, given what is known under their numbers.
fn restored(import: &RollImport, rows: Vec<PlanRow>, known: &Numbered, now: Timestamp) -> RollBatch {
    let mut next = RollImport { state: RollImportState::RollingBack, ..import.clone() };
    let (mut updates, mut kept) = (Vec::new(), Vec::new());
    for mut row in rows {
        next.rolled_back_through = row.row;
        if let Some(record) = changed_by(&row, known, now).cloned() {
            let before = row.planned.as_ref().and_then(|planned| planned.before.as_ref());
            updates.push(CertificateRecord {
                certificate: record.certificate.rolled_back(before, now),
                source: before.and_then(|before| before.source),
                update_time: now,
                ..record
            });
            next.rolled_back_count += 1;
        } else {
            row.findings.push(KeptFinding::plain(String::new(), RollCode::ChangedSinceImport));
            kept.push(row);
            next.kept_count += 1;
        }
    }
    RollBatch { import: next, creates: Vec::new(), updates, rows: kept }
}

/// The certificate that a row was carried out on, if nothing but time has passed since, and nobody else's of its number has
/// been confirmed where this one is to be verified again.
fn changed_by<'a>(row: &PlanRow, known: &'a Numbered, now: Timestamp) -> Option<&'a CertificateRecord> {
    let planned = row.planned.as_ref()?;
    let (left, verified) = match &planned.before {
        Some(before) => (before.version.next(), before.state.is_verified()),
        None => (Version::FIRST, false),
    };
    let record = known.with_id(&row.number, &planned.id)?;
    let taken = verified && known.verified_otherwise(&row.number, &planned.id);
    (record.certificate.is_as_planned(left, now) && !taken).then_some(record)
}
