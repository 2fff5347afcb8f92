//! Violations and the ledger of points.

use super::{added, changed, fresh, party};
use crate::app::App;
use crate::error::{ConductError, Error};
use crate::wire::conduct::{violation as to_wire, violation_record};
use crate::wire::fact;
use greenroom_domain::kernel::{
    Date, OrganizationId, SanctionId, StreamerId, Timestamp, Version, ViolationId, ViolationKindId,
};
use greenroom_domain::registry::port::{Change, Kept, Store};
use greenroom_domain::registry::{
    Measure, Permission, PointsEntry, RecordFilter, RecordKind, SanctionFact, Violation, ViolationRefusal,
    ViolationState,
};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::registry_fact::Fact;
use greenroom_proto::registry::v1::{
    DecideViolationResponse, GetConductSummaryResponse, ReportViolationResponse, ReverseViolationResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::violations::Violations;
use std::cmp::Reverse;

/// How many records are added up at a time.
const ROWS: i64 = 500;

/// What a caller reports.
#[derive(Clone, Debug)]
pub struct Report {
    /// By whom it was committed.
    pub streamer: StreamerId,
    /// Of which kind.
    pub kind: ViolationKindId,
    /// What happened.
    pub description: String,
    /// When.
    pub occurred_at: Timestamp,
}

/// What a caller finds about a report.
#[derive(Clone, Debug)]
pub enum Finding {
    /// It is the case.
    Confirmed {
        /// What it costs.
        points: i32,
        /// The date of a penalty.
        penalised_on: Option<Date>,
    },
    /// It is not the case.
    Dismissed,
    /// It was confirmed wrongly.
    Reversed,
}

/// What is said of a violation by a fact.
pub fn read(fact: &Fact) -> Option<Violation> {
    match fact {
        Fact::Violation(fact) => crate::wire::conduct::read_violation(fact),
        _ => None,
    }
}

impl<S: Store + HasLog> App<S> {
    /// Reports a violation of a streamer of the caller's platform.
    pub async fn report(
        &self,
        call: &Call,
        once: &Once,
        report: &Report,
    ) -> Result<ReportViolationResponse, Error> {
        let id: ViolationId = fresh(&self.clock)?;
        let plan = || self.plan_report(call, &id, report);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(ReportViolationResponse { revision, ..done.answer })
    }

    async fn plan_report(
        &self,
        call: &Call,
        id: &ViolationId,
        report: &Report,
    ) -> Result<Planned<Change, ReportViolationResponse>, Error> {
        let platform = &call.caller.organization;
        let streamer = self.streamer(platform, &report.streamer).await?;
        let now = self.clock.now();
        let violation = Violation {
            id: id.clone(),
            platform: platform.clone(),
            streamer: streamer.id,
            person: streamer.person,
            kind: report.kind.clone(),
            description: report.description.clone(),
            occurred_at: report.occurred_at,
            state: ViolationState::Reported,
            entries: Vec::new(),
            penalty: None,
            reported_by: party(call),
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        };
        let answer =
            ReportViolationResponse { violation: Some(to_wire(&violation)), revision: String::new() };
        Ok(keep(&violation, None, answer))
    }

    /// Confirms or dismisses a report.
    pub async fn decide_violation(
        &self,
        call: &Call,
        once: &Once,
        id: &ViolationId,
        (finding, reason): (&Finding, &str),
        etag: &str,
    ) -> Result<DecideViolationResponse, Error> {
        let plan = async || {
            let (after, read_at) = self.found(call, id, (finding, reason), etag).await?;
            let violation = Some(to_wire(&after));
            let answer = DecideViolationResponse { violation, revision: String::new() };
            self.authorised(call, id, keep(&after, Some(read_at), answer)).await
        };
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(DecideViolationResponse { revision, ..done.answer })
    }

    /// Takes a confirmed violation back.
    pub async fn reverse_violation(
        &self,
        call: &Call,
        once: &Once,
        id: &ViolationId,
        reason: &str,
        etag: &str,
    ) -> Result<ReverseViolationResponse, Error> {
        let plan = async || {
            let (after, read_at) = self.found(call, id, (&Finding::Reversed, reason), etag).await?;
            let violation = Some(to_wire(&after));
            let answer = ReverseViolationResponse { violation, revision: String::new() };
            self.authorised(call, id, keep(&after, Some(read_at), answer)).await
        };
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(ReverseViolationResponse { revision, ..done.answer })
    }

    /// A finding by somebody who may impose sanctions: it costs points, and may bar from endorsing goods.
    async fn authorised<A>(
        &self,
        call: &Call,
        id: &ViolationId,
        planned: Planned<Change, A>,
    ) -> Result<Planned<Change, A>, Error> {
        let authority = Box::pin(self.authority(call, Permission::ImposeSanction)).await?;
        authority.note(planned, call, &id.name(), self.clock.now())
    }

    /// A violation after a finding, and the version it was read at.
    async fn found(
        &self,
        call: &Call,
        id: &ViolationId,
        (finding, reason): (&Finding, &str),
        etag: &str,
    ) -> Result<(Violation, Version), Error> {
        let violation = self.violation(&call.caller.organization, id).await?;
        etag::check(etag, violation.version, &id.name())?;
        let (now, read_at) = (self.clock.now(), violation.version);
        let entry = |points| PointsEntry { points, at: now, reason: reason.to_owned(), by: party(call) };
        let after = match finding {
            Finding::Confirmed { points, penalised_on } => {
                self.fits(&violation.kind, *points, *penalised_on, now)?;
                violation.confirm(entry(*points), *penalised_on, now)
            }
            Finding::Dismissed => violation.dismiss(entry(0), now),
            Finding::Reversed => violation.reverse(entry(0), now),
        };
        let after = after.map_err(|ViolationRefusal(state)| ConductError::StateWrong {
            resource: id.name(),
            state: state.code(),
        })?;
        Ok((Violation { version: read_at.next(), ..after }, read_at))
    }

    /// Whether a kind costs so many points, and knows of such a penalty.
    fn fits(
        &self,
        kind: &ViolationKindId,
        points: i32,
        penalised_on: Option<Date>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let mut violations = Violations::new();
        // A kind that later left the catalogue is no longer bounded.
        if let Some(kind) = self.violations.get(kind) {
            let (least, most) = kind.points.value;
            let said = format!("a violation of this kind costs {least} to {most} points");
            violations.require((least..=most).contains(&points), "points", &said);
            let knows = penalised_on.is_none() || kind.bars_endorsement;
            violations.require(knows, "penalty_date", "this kind of violation knows of no penalty");
        }
        let past = penalised_on.is_none_or(|date| date <= now.beijing_date());
        violations.require(past, "penalty_date", "must not lie in the future");
        violations.finish(Some(()))
    }

    /// One violation of a platform.
    pub async fn violation(&self, platform: &OrganizationId, id: &ViolationId) -> Result<Violation, Error> {
        self.own(platform, &id.name(), read).await
    }

    /// What is on record against a streamer of a platform.
    pub async fn conduct_of(
        &self,
        platform: &OrganizationId,
        id: &StreamerId,
    ) -> Result<GetConductSummaryResponse, Error> {
        let streamer = self.streamer(platform, id).await?;
        let (mut points, mut confirmed, mut after) = (0i32, 0, String::new());
        let filter = RecordFilter { about: Some(id.name()), state: None };
        loop {
            let rows = self.store.records_of(RecordKind::Violation, platform, &filter, &after, ROWS).await?;
            let Some(last) = rows.last() else { break };
            last.name.clone_into(&mut after);
            for row in &rows {
                let violation = super::restored(row, read)?;
                points = points.saturating_add(violation.points());
                confirmed += i32::from(violation.state == ViolationState::Confirmed);
            }
        }
        let now = self.clock.now();
        let mut sanctions = {
            let account = Some((id, streamer.state_since));
            self.memory.world().conduct.sanctions(platform, account, &streamer.person)
        };
        sanctions.retain(|sanction| sanction.holds(now));
        sanctions.sort_by_key(|sanction| (Reverse(sanction.measure), sanction.sanction.clone()));
        let strictest = sanctions.first().map(|sanction| sanction.measure);
        let names = |sanction: &SanctionFact| SanctionId::name(&sanction.sanction);
        Ok(GetConductSummaryResponse {
            points,
            confirmed_violations: confirmed,
            strictest_measure: strictest.map_or(0, |it: Measure| crate::wire::conduct::measure(it).into()),
            sanctions_in_force: sanctions.iter().map(names).collect(),
        })
    }
}

fn keep<A>(violation: &Violation, read_at: Option<Version>, answer: A) -> Planned<Change, A> {
    let record = violation_record(violation);
    let events = vec![fact::record(&record)];
    let kept: Kept = match read_at {
        Some(read_at) => changed(record, read_at),
        None => added(record),
    };
    Planned { change: Change::Keep(vec![kept]), events, answer }
}
