//! Applies a plan, batch after batch. Progress is part of each batch's transaction, so a call that was cut off anywhere
//! is continued by the next one, and two calls at the same time do the work once. All rows are checked before the first
//! batch, so that a plan that is outdated already is refused as a whole.

use super::ahead::{Ahead, Decided};
use super::batch::Unfit;
use super::{App, own_write, stored};
use crate::error::{Error, Outdated};
use crate::wire::{self, facts};
use greenroom_domain::certification::port::{
    Change, IssuerRecord, MISSING_FROM, PlanRow, PlannedCertificate, RollBatch, RollFormat, RollImport,
    RollImportState, Store,
};
use greenroom_domain::certification::{EvidenceSource, IssuerStanding, IssuersWord};
use greenroom_domain::kernel::{RollImportId, Timestamp};
use greenroom_domain::ledger::{EventDraft, StoreError};
use greenroom_feed::log::HasLog;
use greenroom_proto::certification::v1::{ApplyRollImportRequest, ApplyRollImportResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::once::{Mode, Once, Planned};
use greenroom_rpc::violations::Violations;

/// How many rows one transaction carries out.
const BATCH: i64 = 1000;
/// No file has a row behind this one: it is the last that a workbook can have.
const LAST_OF_FILE: i64 = 1 << 20;

/// What one step of an application came to.
enum Step {
    /// There is more to do, by this call or another.
    Further,
    /// Nothing is left to carry out.
    Done,
    /// The plan does not fit any more, as far as this step saw.
    Outdated(Outdated),
}

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
        if let Some(done) = once.recall::<_, ApplyRollImportResponse>(self.store.log()).await? {
            return Ok(ApplyRollImportResponse { revision: done.revision(), ..done.answer });
        }
        let import = self.import(&call.caller, &id).await?;
        if matches!(import.state, RollImportState::Planning | RollImportState::Abandoned) {
            return Err(Error::RollNotPlanned(id.name(), import.state));
        }
        if import.digest != request.digest {
            return Err(Error::RollDigestMismatch(id.name()));
        }
        self.allowed(&import, &request)?;
        self.carry_out(call, &id, mode).await?;
        let plan = || self.conclude(call, &id, mode, once.now());
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        let revision = done.revision();
        Ok(ApplyRollImportResponse { revision, ..done.answer })
    }

    /// Whether people let this plan be applied. Asked before its first row only: who has begun goes on.
    fn allowed(&self, import: &RollImport, request: &ApplyRollImportRequest) -> Result<(), Error> {
        if import.state != RollImportState::Planned {
            return Ok(());
        }
        if self.terms.roll_second_approver && import.approval.is_none() {
            return Err(Error::RollApprovalMissing(import.id.name()));
        }
        let unasked = import.in_force * i64::from(self.terms.roll_withdrawal_percent) / 100;
        let allowed = unasked.max(request.allow_withdrawals_up_to.into());
        if import.withdrawals > allowed {
            let (name, withdrawals) = (import.id.name(), import.withdrawals);
            return Err(Error::RollWithdrawalTooLarge { name, withdrawals, allowed });
        }
        Ok(())
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
        refuse_ended(&import)?;
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

    /// Carries out what is left, or with `ValidateOnly` checks whether it could be.
    async fn carry_out(&self, call: &Call, id: &RollImportId, mode: Mode) -> Result<(), Error> {
        let mut ahead = Ahead::default();
        loop {
            let import = self.store.import(id).await?;
            let import = import.ok_or_else(|| Error::RollImportNotFound(id.name()))?;
            let why = match self.step(call, &import, mode, &mut ahead).await? {
                Step::Done => return Ok(()),
                Step::Further => continue,
                Step::Outdated(why) => why,
            };
            if self.is_outdated(call, &import, mode).await? {
                return Err(Error::RollPlanOutdated(id.name(), why));
            }
        }
    }

    /// Whether an import whose plan does not seem to fit is outdated, and ends it then. What looks so may be what another
    /// call has carried out of this very plan since `import` was read: then there is only to go on where it has come to.
    async fn is_outdated(&self, call: &Call, import: &RollImport, mode: Mode) -> Result<bool, Error> {
        let current = self.store.import(&import.id).await?;
        if current.is_none_or(|current| current.version != import.version) {
            return Ok(false);
        }
        if mode == Mode::ValidateOnly || import.state == RollImportState::Outdated {
            return Ok(true);
        }
        self.close_outdated(call, import).await
    }

    async fn step(
        &self,
        call: &Call,
        import: &RollImport,
        mode: Mode,
        ahead: &mut Ahead,
    ) -> Result<Step, Error> {
        match import.state {
            RollImportState::Applied => return Ok(Step::Done),
            RollImportState::Outdated => return Ok(Step::Outdated(Outdated::Before)),
            _ => refuse_ended(import)?,
        }
        // Another replica may have made the plan, by a clock that is a little ahead.
        let now = self.clock.now().max(import.create_time);
        if now >= import.create_time.plus(self.terms.plan_validity) {
            return Ok(Step::Outdated(Outdated::Age));
        }
        let issuer = self.store.issuer(&import.issuer).await?;
        let issuer = issuer.ok_or_else(|| Error::RollImportNotFound(import.id.name()))?;
        if mode == Mode::ValidateOnly || import.state == RollImportState::Planned {
            if let Some(Unfit(row)) = self.first_unfit(import, &issuer, now).await? {
                return Ok(Step::Outdated(Outdated::Row(row)));
            }
            if mode == Mode::ValidateOnly {
                return Ok(Step::Done);
            }
        }
        let Decided { rows, batch, now, .. } = ahead.take(self, import, &issuer, BATCH).await?;
        if rows.is_empty() {
            return Ok(Step::Done);
        }
        match batch {
            Ok(batch) => {
                ahead.begin(self, stored(&batch.import), &issuer, BATCH);
                self.commit_batch(call, batch, &rows, now).await
            }
            Err(Unfit(row)) => Ok(Step::Outdated(Outdated::Row(row))),
        }
    }

    /// The first row that is left and can no longer be carried out as planned, as far as that can be told beforehand:
    /// every certificate is at the version the plan was made on, and the issuer may say what each kind of row says.
    async fn first_unfit(
        &self,
        import: &RollImport,
        issuer: &IssuerRecord,
        now: Timestamp,
    ) -> Result<Option<Unfit>, Error> {
        let (store, id, after) = (&self.store, &import.id, import.applied_through);
        if issuer.issuer.standing != IssuerStanding::Listed {
            let rows = store.rows_to_apply(id, after, 1).await?;
            return Ok(rows.first().map(|row| Unfit(row.row)));
        }
        let validity = self.terms.evidence_validity.of(EvidenceSource::IssuerRoll);
        let word = IssuersWord { issuer: &issuer.issuer, checked_at: import.create_time, validity };
        let shapes = store.shapes(id, after).await?;
        let refused = shapes.iter().filter(|shape| {
            word.vouches(&import.standard, (shape.job_type, shape.level), shape.issue_date, now).is_err()
        });
        let refused = refused.map(|shape| shape.first_row).min();
        let last = LAST_OF_FILE.min(import.totals.rows() + 1);
        let last = if import.format == Some(RollFormat::Xlsx) { LAST_OF_FILE } else { last };
        let mut outdated = store.first_outdated(import, after, last).await?;
        if outdated.is_none() && import.totals.missing > 0 {
            let after = after.max(MISSING_FROM - 1);
            outdated = store.first_outdated(import, after, MISSING_FROM + import.totals.missing).await?;
        }
        Ok(refused.into_iter().chain(outdated).min().map(Unfit))
    }

    async fn commit_batch(
        &self,
        call: &Call,
        batch: RollBatch,
        rows: &[PlanRow],
        now: Timestamp,
    ) -> Result<Step, Error> {
        let creates = batch.creates.iter().map(facts::of_certificate);
        let updates = batch.updates.iter().map(|record| facts::of_certificate(&record.stored(now)));
        let mut events: Vec<EventDraft> = creates.chain(updates).collect();
        events.push(facts::of_import(&stored(&batch.import)));
        let (write, planned_at) = (own_write(call, events, now), batch.import.create_time);
        match self.store.commit(Change::ApplyBatch(Box::new(batch)), write).await {
            // After a conflict another call was faster: go on where it has come to.
            Ok(_) | Err(StoreError::Conflict) => Ok(Step::Further),
            Err(StoreError::Taken(_)) => {
                Ok(Step::Outdated(Outdated::Row(self.changed_row(rows, planned_at).await?)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Ends an import that can never be carried out. Tells whether it did; if not, the import has moved.
    async fn close_outdated(&self, call: &Call, import: &RollImport) -> Result<bool, Error> {
        let now = self.clock.now();
        let next = RollImport { state: RollImportState::Outdated, ..import.clone() };
        let write = own_write(call, vec![facts::of_import(&stored(&next))], now);
        match self.store.commit(Change::SaveImport(next), write).await {
            Ok(_) => Ok(true),
            Err(StoreError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The row whose certificate changed.
    async fn changed_row(&self, rows: &[PlanRow], planned_at: Timestamp) -> Result<i64, Error> {
        let known = self.known_of(rows.iter()).await?;
        let changed = rows.iter().find(|row| match &row.planned {
            Some(PlannedCertificate { before: None, holder, .. }) => known.of(&row.number, holder).is_some(),
            _ => known.as_planned(row, planned_at).is_none(),
        });
        Ok(changed.or(rows.first()).map(|row| row.row).unwrap_or_default())
    }
}

/// Refuses what is not a plan, or is one no longer.
fn refuse_ended(import: &RollImport) -> Result<(), Error> {
    match import.state {
        RollImportState::Planned | RollImportState::Applying | RollImportState::Applied => Ok(()),
        RollImportState::Outdated => Err(Error::RollPlanOutdated(import.id.name(), Outdated::Before)),
        RollImportState::Planning | RollImportState::Abandoned => {
            Err(Error::RollNotPlanned(import.id.name(), import.state))
        }
        RollImportState::RollingBack | RollImportState::RolledBack => {
            Err(Error::RollRolledBack(import.id.name()))
        }
    }
}

#[cfg(test)]
mod tests;
