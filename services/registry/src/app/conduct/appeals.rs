//! Appeals against sanctions.

use super::{added, changed, fresh, party, sanctions};
use crate::app::App;
use crate::error::{ConductError, Error};
use crate::wire::conduct::{appeal as to_wire, appeal_record, sanction as sanction_to_wire};
use crate::wire::fact;
use greenroom_domain::kernel::{AppealId, OrganizationId, SanctionId, Timestamp, Version};
use greenroom_domain::registry::port::{Change, Kept, Store};
use greenroom_domain::registry::{
    Appeal, AppealOutcome, AppealRefusal, AppealState, Ending, MeasureFault, Permission, RecordFilter,
    RecordKind, Reduction, ReductionFault, Sanction, SanctionRefusal, SanctionState,
};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{
    BeginAppealReviewResponse, DecideAppealResponse, FileAppealResponse, RecordAppealNoticeResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::violations::Violations;

/// What becomes of the sanction.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It stands.
    Upheld,
    /// Something milder takes its place.
    Reduced(Reduction),
    /// It is taken back.
    Overturned,
}

impl Verdict {
    const fn outcome(&self) -> AppealOutcome {
        match self {
            Self::Upheld => AppealOutcome::Upheld,
            Self::Reduced(_) => AppealOutcome::Reduced,
            Self::Overturned => AppealOutcome::Overturned,
        }
    }
}

/// What a caller decides about an appeal.
#[derive(Clone, Debug)]
pub struct Deciding {
    /// About which.
    pub appeal: AppealId,
    /// What becomes of the sanction.
    pub verdict: Verdict,
    /// Why.
    pub reasons: String,
    /// When the streamer was told, if that has happened.
    pub notified_at: Option<Timestamp>,
    /// The version the caller knows.
    pub etag: String,
}

/// What is said of an appeal by a fact.
pub fn read(fact: &Fact) -> Option<Appeal> {
    match fact {
        Fact::Appeal(fact) => crate::wire::conduct::read_appeal(fact),
        _ => None,
    }
}

impl<S: Store + HasLog> App<S> {
    /// Files an appeal.
    pub async fn file_appeal(
        &self,
        call: &Call,
        once: &Once,
        sanction: &SanctionId,
        statement: &str,
    ) -> Result<FileAppealResponse, Error> {
        let id: AppealId = fresh(&self.clock)?;
        let plan = || self.plan_appeal(call, &id, sanction, statement);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(FileAppealResponse { revision, ..done.answer })
    }

    async fn plan_appeal(
        &self,
        call: &Call,
        id: &AppealId,
        sanction: &SanctionId,
        statement: &str,
    ) -> Result<Planned<Change, FileAppealResponse>, Error> {
        let (platform, now) = (&call.caller.organization, self.clock.now());
        let known = self.sanction(platform, sanction).await?;
        let filter = RecordFilter { about: Some(sanction.name()), state: None };
        let filed = self.store.records_of(RecordKind::Appeal, platform, &filter, "", 1).await?;
        if let Some(filed) = filed.first() {
            return Err(ConductError::AppealExists(super::restored(filed, read)?.id).into());
        }
        let state = known.state(now);
        if matches!(state, SanctionState::Lifted | SanctionState::Overturned) {
            let state = state.code();
            return Err(ConductError::StateWrong { resource: sanction.name(), state }.into());
        }
        let until = known.notice.appeal_until;
        if until <= now {
            return Err(ConductError::AppealTooLate { sanction: sanction.clone(), until }.into());
        }
        let appeal = Appeal {
            id: id.clone(),
            platform: platform.clone(),
            sanction: sanction.clone(),
            statement: statement.to_owned(),
            state: AppealState::Filed,
            filed_by: party(call),
            answer_until: now.plus(self.violations.answer_within()),
            reviewer: None,
            decision: None,
            notified_at: None,
            overriding: None,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        };
        let answer = FileAppealResponse { appeal: Some(to_wire(&appeal)), revision: String::new() };
        Ok(keep(vec![added(appeal_record(&appeal))], answer))
    }

    /// Makes the caller the reviewer of an appeal.
    pub async fn begin_review(
        &self,
        call: &Call,
        once: &Once,
        id: &AppealId,
        etag: &str,
    ) -> Result<BeginAppealReviewResponse, Error> {
        let plan = || Box::pin(self.plan_review(call, id, etag));
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(BeginAppealReviewResponse { revision, ..done.answer })
    }

    async fn plan_review(
        &self,
        call: &Call,
        id: &AppealId,
        etag: &str,
    ) -> Result<Planned<Change, BeginAppealReviewResponse>, Error> {
        let (before, sanction) = self.appealed(call, id, etag).await?;
        let authority = self.authority(call, Permission::DecideAppeal).await?;
        let (now, read_at) = (self.clock.now(), before.version);
        let begun = before.begin(party(call), &sanction.imposed_by, now);
        let begun = begun.map_err(|refusal| refused(id, refusal))?;
        let begun = Appeal { version: read_at.next(), overriding: authority.name(), ..begun };
        let answer = BeginAppealReviewResponse { appeal: Some(to_wire(&begun)), revision: String::new() };
        let planned = keep(vec![changed(appeal_record(&begun), read_at)], answer);
        authority.note(planned, call, &id.name(), now)
    }

    /// Decides an appeal, and changes its sanction.
    pub async fn decide_appeal(
        &self,
        call: &Call,
        once: &Once,
        deciding: &Deciding,
    ) -> Result<DecideAppealResponse, Error> {
        let plan = || Box::pin(self.plan_verdict(call, deciding));
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(DecideAppealResponse { revision, ..done.answer })
    }

    async fn plan_verdict(
        &self,
        call: &Call,
        deciding: &Deciding,
    ) -> Result<Planned<Change, DecideAppealResponse>, Error> {
        let id = &deciding.appeal;
        let (before, sanction) = self.appealed(call, id, &deciding.etag).await?;
        let authority = self.authority(call, Permission::DecideAppeal).await?;
        let (now, read_at) = (self.clock.now(), before.version);
        let (outcome, reasons) = (deciding.verdict.outcome(), deciding.reasons.clone());
        let decided = before.decide(outcome, reasons, party(call), &sanction.imposed_by, now);
        let decided = decided.map_err(|refusal| refused(id, refusal))?;
        let decided = match deciding.notified_at {
            // Told in the same breath: the instant of the decision is known to nobody before.
            Some(told) => decided.notify(told.max(now), now.max(told)).map_err(|it| refused(id, it))?,
            None => decided,
        };
        let decided = Appeal { version: read_at.next(), overriding: authority.name(), ..decided };
        let sanction_read_at = sanction.version;
        let changed_sanction = changed_by(call, sanction.clone(), deciding, now)?;
        let mut kept = vec![changed(appeal_record(&decided), read_at)];
        let sanction = match changed_sanction {
            Some(after) => {
                let version = sanction_read_at.next();
                let after = Sanction { version, overriding: authority.name(), ..after };
                kept.push(sanctions::kept(&after, Some(sanction_read_at)));
                after
            }
            None => sanction,
        };
        let answer = DecideAppealResponse {
            appeal: Some(to_wire(&decided)),
            sanction: Some(sanction_to_wire(&sanction, now)),
            revision: String::new(),
        };
        authority.note(keep(kept, answer), call, &id.name(), now)
    }

    /// Notes when the streamer was told.
    pub async fn record_notice(
        &self,
        call: &Call,
        once: &Once,
        id: &AppealId,
        told_at: Option<Timestamp>,
        etag: &str,
    ) -> Result<RecordAppealNoticeResponse, Error> {
        let plan = async || {
            let before = self.appeal(&call.caller.organization, id).await?;
            etag::check(etag, before.version, &id.name())?;
            let (now, read_at) = (self.clock.now(), before.version);
            let told = before.notify(told_at.unwrap_or(now), now).map_err(|it| refused(id, it))?;
            let told = Appeal { version: read_at.next(), ..told };
            let answer = RecordAppealNoticeResponse { appeal: Some(to_wire(&told)), revision: String::new() };
            Ok::<_, Error>(keep(vec![changed(appeal_record(&told), read_at)], answer))
        };
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(RecordAppealNoticeResponse { revision, ..done.answer })
    }

    /// An appeal as its caller knows it, and the sanction it is against.
    async fn appealed(&self, call: &Call, id: &AppealId, etag: &str) -> Result<(Appeal, Sanction), Error> {
        let platform = &call.caller.organization;
        let appeal = self.appeal(platform, id).await?;
        etag::check(etag, appeal.version, &id.name())?;
        let sanction = self.sanction(platform, &appeal.sanction).await?;
        Ok((appeal, sanction))
    }

    /// One appeal of a platform.
    pub async fn appeal(&self, platform: &OrganizationId, id: &AppealId) -> Result<Appeal, Error> {
        self.own(platform, &id.name(), read).await
    }
}

/// The sanction after a decision; none where it stands.
fn changed_by(
    call: &Call,
    sanction: Sanction,
    deciding: &Deciding,
    now: Timestamp,
) -> Result<Option<Sanction>, Error> {
    let (id, appeal) = (sanction.id.clone(), deciding.appeal.clone());
    let after = match &deciding.verdict {
        Verdict::Upheld => return Ok(None),
        Verdict::Reduced(reduction) => sanction.reduce(reduction.clone(), appeal, now),
        Verdict::Overturned => {
            let ending = Ending { at: now, reason: deciding.reasons.clone(), by: party(call) };
            sanction.overturn(ending, appeal, now)
        }
    };
    match after {
        Ok(after) => Ok(Some(after)),
        Err(SanctionRefusal::Reduction(faults)) => Err(no_reduction(faults).into()),
        Err(refusal) => Err(sanctions::refused(&id, &refusal)),
    }
}

fn no_reduction(faults: Vec<ReductionFault>) -> Fault {
    let mut violations = Violations::new();
    for fault in faults {
        let field = match fault {
            ReductionFault::Stricter => "measure",
            ReductionFault::Measure(MeasureFault::FunctionsMissing | MeasureFault::FunctionsSet) => {
                "functions"
            }
            ReductionFault::Longer
            | ReductionFault::Over
            | ReductionFault::Same
            | ReductionFault::Measure(MeasureFault::EndMissing | MeasureFault::EndSet) => "term",
        };
        violations.add(field, fault);
    }
    Fault::fields(violations)
}

fn refused(id: &AppealId, refusal: AppealRefusal) -> Error {
    let state_wrong = |state| ConductError::StateWrong { resource: id.name(), state };
    match refusal {
        AppealRefusal::State(state) => state_wrong(state.code()).into(),
        AppealRefusal::Notified => state_wrong("NOTIFIED").into(),
        AppealRefusal::NotIndependent => ConductError::ReviewerNotIndependent(id.clone()).into(),
        AppealRefusal::NoticeTime => {
            let mut violations = Violations::new();
            violations.add("notified_time", refusal);
            Fault::fields(violations).into()
        }
    }
}

fn keep<A>(kept: Vec<Kept>, answer: A) -> Planned<Change, A> {
    let events = kept.iter().map(|kept| fact::record(&kept.record)).collect();
    Planned { change: Change::Keep(kept), events, answer }
}
