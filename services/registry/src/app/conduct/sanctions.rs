//! Imposes sanctions and lifts them.

use super::{added, changed, fresh, party};
use crate::app::App;
use crate::app::engagements::with_streamer;
use crate::error::{ConductError, Error};
use crate::wire::conduct::{sanction as to_wire, sanction_record};
use crate::wire::fact;
use greenroom_domain::kernel::{FunctionId, OrganizationId, SanctionId, StreamerId, Version, ViolationId};
use greenroom_domain::registry::port::{Change, Kept, Store};
use greenroom_domain::registry::{
    Ending, Measure, Notice, Permission, ReasonKind, Sanction, SanctionRefusal, Streamer, Term,
};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{ImposeSanctionResponse, LiftSanctionResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use std::collections::BTreeSet;

/// What a caller asks a sanction to be.
#[derive(Clone, Debug)]
pub struct Imposition {
    /// On whom.
    pub streamer: StreamerId,
    /// What is done.
    pub measure: Measure,
    /// Who asked for it.
    pub kind: ReasonKind,
    /// The functions withheld.
    pub functions: BTreeSet<FunctionId>,
    /// The violations it answers.
    pub violations: BTreeSet<ViolationId>,
    /// What the streamer is told.
    pub notice: Notice,
    /// For how long.
    pub term: Term,
}

/// What is said of a sanction by a fact.
pub fn read(fact: &Fact) -> Option<Sanction> {
    match fact {
        Fact::Sanction(fact) => crate::wire::conduct::read_sanction(fact),
        _ => None,
    }
}

impl<S: Store + HasLog> App<S> {
    /// Imposes a sanction on a streamer of the caller's platform.
    pub async fn impose(
        &self,
        call: &Call,
        once: &Once,
        imposition: &Imposition,
    ) -> Result<ImposeSanctionResponse, Error> {
        let id: SanctionId = fresh(&self.clock)?;
        let plan = || Box::pin(self.plan_sanction(call, &id, imposition));
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(ImposeSanctionResponse { revision, ..done.answer })
    }

    async fn plan_sanction(
        &self,
        call: &Call,
        id: &SanctionId,
        imposition: &Imposition,
    ) -> Result<Planned<Change, ImposeSanctionResponse>, Error> {
        let platform = &call.caller.organization;
        let streamer = self.streamer(platform, &imposition.streamer).await?;
        for violation in &imposition.violations {
            let known = self.violation(platform, violation).await?;
            if (&known.streamer, &known.person) != (&streamer.id, &streamer.person) {
                return Err(ConductError::NotFound(violation.name()).into());
            }
        }
        let authority = self.authority(call, Permission::ImposeSanction).await?;
        let now = self.clock.now();
        // It goes with the streamer, so that the account does not change hands at the same time.
        let (mut events, touched) = with_streamer(streamer.clone(), now, &[]);
        let sanction = self.imposed(call, id, imposition, streamer);
        let sanction = Sanction { overriding: authority.name(), ..sanction };
        let answer =
            ImposeSanctionResponse { sanction: Some(to_wire(&sanction, now)), revision: String::new() };
        let planned = keep(&sanction, None, answer);
        events.extend(planned.events);
        let change = Change::All(vec![touched, planned.change]);
        authority.note(Planned { change, events, ..planned }, call, &id.name(), now)
    }

    fn imposed(&self, call: &Call, id: &SanctionId, asked: &Imposition, streamer: Streamer) -> Sanction {
        let (now, asked) = (self.clock.now(), asked.clone());
        Sanction {
            id: id.clone(),
            platform: streamer.platform,
            streamer: streamer.id,
            person: streamer.person,
            measure: asked.measure,
            kind: asked.kind,
            functions: asked.functions,
            violations: asked.violations,
            notice: asked.notice,
            term: asked.term,
            imposed_by: party(call),
            lifted: None,
            overturned: None,
            appeal: None,
            overriding: None,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        }
    }

    /// Takes a sanction back.
    pub async fn lift_sanction(
        &self,
        call: &Call,
        once: &Once,
        id: &SanctionId,
        reason: &str,
        etag: &str,
    ) -> Result<LiftSanctionResponse, Error> {
        let plan = || Box::pin(self.plan_lifting(call, id, reason, etag));
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(LiftSanctionResponse { revision, ..done.answer })
    }

    async fn plan_lifting(
        &self,
        call: &Call,
        id: &SanctionId,
        reason: &str,
        etag: &str,
    ) -> Result<Planned<Change, LiftSanctionResponse>, Error> {
        let before = self.sanction(&call.caller.organization, id).await?;
        etag::check(etag, before.version, &id.name())?;
        let authority = self.authority(call, Permission::ImposeSanction).await?;
        let (now, read_at) = (self.clock.now(), before.version);
        let ending = Ending { at: now, reason: reason.to_owned(), by: party(call) };
        let lifted = before.lift(ending, now).map_err(|refusal| refused(id, &refusal))?;
        let lifted = Sanction { version: read_at.next(), overriding: authority.name(), ..lifted };
        let answer = LiftSanctionResponse { sanction: Some(to_wire(&lifted, now)), revision: String::new() };
        authority.note(keep(&lifted, Some(read_at), answer), call, &id.name(), now)
    }

    /// One sanction of a platform.
    pub async fn sanction(&self, platform: &OrganizationId, id: &SanctionId) -> Result<Sanction, Error> {
        self.own(platform, &id.name(), read).await
    }
}

/// Why a sanction does not change.
pub fn refused(id: &SanctionId, refusal: &SanctionRefusal) -> Error {
    match refusal {
        SanctionRefusal::State(state) => {
            ConductError::StateWrong { resource: id.name(), state: state.code() }.into()
        }
        SanctionRefusal::Reduction(_) => Fault::hide(refusal).into(),
    }
}

/// A sanction as it is to be kept.
pub fn kept(sanction: &Sanction, read_at: Option<Version>) -> Kept {
    let record = sanction_record(sanction);
    match read_at {
        Some(read_at) => changed(record, read_at),
        None => added(record),
    }
}

fn keep<A>(sanction: &Sanction, read_at: Option<Version>, answer: A) -> Planned<Change, A> {
    let kept = kept(sanction, read_at);
    let events = vec![fact::record(&kept.record)];
    Planned { change: Change::Keep(vec![kept]), events, answer }
}
