//! Records who works with whom, and ends that.

use super::App;
use crate::error::Error;
use crate::memory::operators::party_key;
use crate::wire::engagement::{engagement as to_wire, of_record, record};
use crate::wire::fact;
use greenroom_domain::kernel::{EngagementId, OrganizationId, StreamerId, Timestamp, Version};
use greenroom_domain::ledger::{EventDraft, StoreError};
use greenroom_domain::registry::port::{Change, Kept, Store};
use greenroom_domain::registry::{
    Engagement, EngagementRefusal, EngagementState, EnrolmentState, OperatorState, Party, Record,
    RecordFilter, RecordKind, Streamer,
};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::{EndEngagementResponse, EngageStreamerResponse};
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::etag;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};
use greenroom_rpc::page::Page;
use greenroom_rpc::violations::Violations;

/// How many records are read at a time.
const ROWS: i64 = 1_000;

/// What a caller tells of an engagement.
#[derive(Clone, Debug)]
pub struct Contract {
    /// The streamer.
    pub streamer: StreamerId,
    /// With whom.
    pub party: Party,
    /// What the streamer does there.
    pub role: String,
    /// The reference to the contract.
    pub reference: String,
    /// The reference of the agency's filing.
    pub filing: String,
    /// From when on; now if absent.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// Which engagements a list shows. What is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct EngagementFilter {
    /// Those of this streamer.
    pub streamer: Option<StreamerId>,
    /// Those in this state.
    pub state: Option<EngagementState>,
    /// Those with every one of these, as [`party_key`] names them.
    pub parties: Vec<String>,
}

impl<S: Store + HasLog> App<S> {
    /// Records an engagement of a streamer of the caller's platform.
    pub async fn engage(
        &self,
        call: &Call,
        once: &Once,
        contract: &Contract,
    ) -> Result<EngageStreamerResponse, Error> {
        let platform = &call.caller.organization;
        let id = EngagementId::try_new(&new_id(&self.clock).to_string());
        let id = id.map_err(|fault| Fault::hide(&fault))?;
        let plan = || self.plan_engagement(&id, platform, contract);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(EngageStreamerResponse { revision, ..done.answer })
    }

    async fn plan_engagement(
        &self,
        id: &EngagementId,
        platform: &OrganizationId,
        contract: &Contract,
    ) -> Result<Planned<Change, EngageStreamerResponse>, Error> {
        let streamer = self.streamer(platform, &contract.streamer).await?;
        if streamer.state == EnrolmentState::Withdrawn {
            return Err(Error::StreamerWithdrawn(streamer.id));
        }
        if let Party::Operator(operator) = &contract.party
            && self.operator(platform, operator).await?.state == OperatorState::Withdrawn
        {
            return Err(Error::RoomOperatorWithdrawn(operator.clone()));
        }
        let now = self.clock.now();
        let new = Engagement {
            id: id.clone(),
            platform: platform.clone(),
            streamer: contract.streamer.clone(),
            party: contract.party.clone(),
            role: contract.role.clone(),
            contract: contract.reference.clone(),
            filing: contract.filing.clone(),
            from: contract.from.unwrap_or(now),
            until: contract.until,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        };
        if new.until.is_some_and(|until| until <= new.from) {
            return Err(bad_end("engagement.end_time", "must lie behind the beginning"));
        }
        let known = self.engagements_of(&streamer).await?;
        if let Some(known) = known.into_iter().find(|known| known.collides(&new)) {
            return Err(Error::EngagementOverlaps(known.id));
        }
        let answer = EngageStreamerResponse { engagement: Some(to_wire(&new, now)), revision: String::new() };
        let (events, change) = with_streamer(streamer, now, &[(new, None)]);
        Ok(Planned { events, answer, change })
    }

    /// Ends an engagement.
    pub async fn end_engagement(
        &self,
        call: &Call,
        once: &Once,
        (id, etag): (&EngagementId, &str),
        at: Option<Timestamp>,
    ) -> Result<EndEngagementResponse, Error> {
        let platform = &call.caller.organization;
        let plan = || self.plan_end(platform, id, etag, at);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        self.settle(done.position.as_ref()).await;
        let revision = done.revision();
        Ok(EndEngagementResponse { revision, ..done.answer })
    }

    async fn plan_end(
        &self,
        platform: &OrganizationId,
        id: &EngagementId,
        etag: &str,
        at: Option<Timestamp>,
    ) -> Result<Planned<Change, EndEngagementResponse>, Error> {
        let record = self.store.record(&id.name()).await?.filter(|record| record.owner == *platform);
        let before = of_record(&record.ok_or_else(|| Error::EngagementNotFound(id.clone()))?)?;
        etag::check(etag, before.version, &id.name())?;
        let (read_at, now) = (before.version, self.clock.now());
        let streamer = self.streamer(platform, &before.streamer).await?;
        let ended = before.end(at, now).map_err(|refusal| match refusal {
            EngagementRefusal::Ended => Error::EngagementEnded(id.clone()),
            EngagementRefusal::BeforeBeginning | EngagementRefusal::Later => {
                bad_end("end_time", &refusal.to_string())
            }
        })?;
        let answer =
            EndEngagementResponse { engagement: Some(to_wire(&ended, now)), revision: String::new() };
        let (events, change) = with_streamer(streamer, now, &[(ended, Some(read_at))]);
        Ok(Planned { events, answer, change })
    }

    /// Every engagement of a streamer, past ones too.
    pub async fn engagements_of(&self, streamer: &Streamer) -> Result<Vec<Engagement>, Error> {
        let filter = RecordFilter { about: Some(streamer.id.name()), state: None };
        let (mut known, mut after) = (Vec::new(), String::new());
        loop {
            let kind = RecordKind::Engagement;
            let rows = self.store.records_of(kind, &streamer.platform, &filter, &after, ROWS).await?;
            let Some(last) = rows.last() else { return Ok(known) };
            last.name.clone_into(&mut after);
            for row in &rows {
                known.push(of_record(row)?);
            }
        }
    }

    /// A page of a platform's engagements, and the token of the next.
    pub async fn engagements(
        &self,
        platform: &OrganizationId,
        filter: &EngagementFilter,
        page: &Page,
    ) -> Result<(Vec<Engagement>, String), Error> {
        let now = self.clock.now();
        let stored = RecordFilter { about: filter.streamer.as_ref().map(StreamerId::name), state: None };
        let passes = |it: &Engagement| {
            filter.state.is_none_or(|state| state == it.state(now))
                && filter.parties.iter().all(|party| *party == party_key(&it.party))
        };
        let read = |record: &_| of_record(record).map(|it| Some(it).filter(&passes));
        let found = self.sift((RecordKind::Engagement, platform), &stored, page, read).await?;
        Ok(page.cut(found, |engagement| engagement.id.name()))
    }

    /// What a page shows of an owner's records: those that `read` lets through, read until the page is full.
    pub async fn sift<T>(
        &self,
        (kind, owner): (RecordKind, &OrganizationId),
        filter: &RecordFilter,
        page: &Page,
        read: impl Fn(&Record) -> Result<Option<T>, StoreError> + Send,
    ) -> Result<Vec<T>, Error>
    where
        T: Send,
    {
        let (mut found, mut after) = (Vec::new(), page.after.clone());
        loop {
            let rows = self.store.records_of(kind, owner, filter, &after, ROWS).await?;
            let Some(last) = rows.last() else { return Ok(found) };
            last.name.clone_into(&mut after);
            for row in &rows {
                found.extend(read(row)?);
                if found.len() > page.size {
                    return Ok(found);
                }
            }
        }
    }
}

/// Changes of a streamer's engagements go with the streamer, so that two of them never pass each other.
pub fn with_streamer(
    streamer: Streamer,
    now: Timestamp,
    engagements: &[(Engagement, Option<Version>)],
) -> (Vec<EventDraft>, Change) {
    let touched = Streamer { updated_at: now, ..streamer };
    let stored = Streamer { version: touched.version.next(), ..touched.clone() };
    let kept = engagements
        .iter()
        .map(|(engagement, read_at)| Kept { record: record(engagement), read_at: *read_at });
    let kept: Vec<Kept> = kept.collect();
    let mut events = vec![fact::streamer(&stored)];
    events.extend(kept.iter().map(|kept| fact::record(&kept.record)));
    (events, Change::All(vec![Change::SaveStreamer(touched), Change::Keep(kept)]))
}

fn bad_end(field: &str, said: &str) -> Error {
    let mut violations = Violations::new();
    violations.add(field, said);
    Fault::fields(violations).into()
}
