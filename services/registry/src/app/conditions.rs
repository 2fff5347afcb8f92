//! Keeps what platforms report about their streamers.

use super::App;
use crate::error::Error;
use crate::wire::fact;
use crate::wire::policy::{condition as to_wire, condition_name};
use greenroom_domain::kernel::{OrganizationId, StreamerId, Timestamp, Version};
use greenroom_domain::registry::port::{Change, Kept, Store};
use greenroom_domain::registry::{Condition, ConditionFact, Record, RecordKind};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::ReportConditionsResponse;
use greenroom_rpc::call::Call;
use greenroom_rpc::once::{Once, Planned};

/// What is reported.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// Of which condition.
    pub condition: Condition,
    /// How much.
    pub value: i64,
    /// Until when it counts.
    pub until: Option<Timestamp>,
}

impl<S: Store + HasLog> App<S> {
    /// Keeps reports about a streamer of the caller's platform, each in place of the last of its kind.
    pub async fn report_conditions(
        &self,
        call: &Call,
        once: &Once,
        streamer: &StreamerId,
        reports: &[Report],
    ) -> Result<ReportConditionsResponse, Error> {
        let platform = &call.caller.organization;
        let plan = || self.plan_conditions(platform, streamer, reports);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(ReportConditionsResponse { revision, ..done.answer })
    }

    async fn plan_conditions(
        &self,
        platform: &OrganizationId,
        streamer: &StreamerId,
        reports: &[Report],
    ) -> Result<Planned<Change, ReportConditionsResponse>, Error> {
        self.streamer(platform, streamer).await?;
        let now = self.clock.now();
        let (mut kept, mut conditions) = (Vec::new(), Vec::new());
        for report in reports {
            let Report { condition, value, until } = *report;
            let name = condition_name(streamer, condition);
            let before = self.store.record(&name).await?;
            let version = before.as_ref().map_or(Version::FIRST, |before| before.version.next());
            let said = ConditionFact { condition, value, reported_at: now, until };
            conditions.push(to_wire(streamer, &said));
            let record = Record {
                name,
                kind: RecordKind::Condition,
                owner: platform.clone(),
                about: streamer.name(),
                key: None,
                state: "REPORTED".to_owned(),
                version,
                created_at: before.as_ref().map_or(now, |before| before.created_at),
                updated_at: now,
                fact: fact::condition(platform, streamer, &said, version),
            };
            kept.push(Kept { record, read_at: before.map(|before| before.version) });
        }
        Ok(Planned {
            events: kept.iter().map(|kept| fact::record(&kept.record)).collect(),
            answer: ReportConditionsResponse { conditions, revision: String::new() },
            change: Change::Keep(kept),
        })
    }
}
