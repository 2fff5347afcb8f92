//! Opens, renews and closes live sessions.

use super::App;
use crate::error::Error;
use crate::memory::world::World;
use crate::wire::session::{Decided, Happening, newly_cut};
use greenroom_domain::kernel::{LiveSessionId, OrganizationId, StreamerId, Timestamp};
use greenroom_domain::ledger::Position;
use greenroom_domain::registry::port::{Change, SessionRecord, Store};
use greenroom_domain::registry::{
    Decision, Fact, Freshness, LiveSession, Question, Reason, Sale, SessionRefusal, SessionState,
};
use greenroom_feed::cursor::{Cursor, Revision};
use greenroom_feed::log::HasLog;
use greenroom_proto::registry::v1::{
    CloseLiveSessionResponse, OpenLiveSessionResponse, RenewLiveSessionResponse,
};
use greenroom_rpc::call::Call;
use greenroom_rpc::clock::new_id;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Once, Planned};

/// What a caller asks a session to be.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The live room's id on the platform.
    pub room: String,
    /// What is on sale, where and how.
    pub sale: Sale,
    /// The marketers, each once.
    pub roster: Vec<StreamerId>,
}

impl<S: Store + HasLog> App<S> {
    /// Decides about every marketer and opens the session with those allowed.
    pub async fn open(
        &self,
        call: &Call,
        once: &Once,
        opening: &Opening,
    ) -> Result<OpenLiveSessionResponse, Error> {
        let platform = &call.caller.organization;
        let id =
            LiveSessionId::try_new(&new_id(&self.clock).to_string()).map_err(|fault| Fault::hide(&fault))?;
        let plan = || std::future::ready(self.plan_opening(&id, platform, opening));
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        let position = done.position.as_ref();
        Ok(OpenLiveSessionResponse {
            revision: with_write(&done.answer.revision, position)?,
            watch_cursor: position.map(Cursor::encode).unwrap_or_default(),
            ..done.answer
        })
    }

    fn plan_opening(
        &self,
        id: &LiveSessionId,
        platform: &OrganizationId,
        opening: &Opening,
    ) -> Result<Planned<Change, OpenLiveSessionResponse>, Error> {
        let (known, now) = (self.memory.applied().text, self.clock.now());
        let decisions = self.decide_all(platform, opening.roster.iter(), &opening.sale, now)?;
        let session = LiveSession::open(
            id.clone(),
            platform.clone(),
            opening.room.clone(),
            opening.sale.clone(),
            &decisions,
            self.lease,
            now,
        )
        .map_err(|refusal| refused(id, &refusal))?;
        let opened = Decided::opened(session, &decisions);
        Ok(Planned {
            events: vec![opened.event(Happening::Opened, &[], now)],
            answer: OpenLiveSessionResponse {
                live_session: Some(opened.wire(now)),
                revision: known.as_ref().to_owned(),
                watch_cursor: String::new(),
            },
            change: Change::OpenSession(opened.record(now)),
        })
    }

    /// Decides again and extends the lease.
    pub async fn renew(
        &self,
        call: &Call,
        once: &Once,
        id: &LiveSessionId,
        fence: i64,
    ) -> Result<RenewLiveSessionResponse, Error> {
        let platform = &call.caller.organization;
        let plan = || self.plan_renewal(platform, id, fence);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        let revision = with_write(&done.answer.revision, done.position.as_ref())?;
        Ok(RenewLiveSessionResponse { revision, ..done.answer })
    }

    async fn plan_renewal(
        &self,
        platform: &OrganizationId,
        id: &LiveSessionId,
        fence: i64,
    ) -> Result<Planned<Change, RenewLiveSessionResponse>, Error> {
        let record = self.session(platform, id).await?;
        let before = Decided::restore(&record)?;
        let (known, now) = (self.memory.applied().text, self.clock.now());
        let decisions = self.decide_all(platform, before.session.admitted(), &before.session.sale, now)?;
        let renewed = before.session.clone().renew(&decisions, fence, now);
        let renewed = renewed.map_err(|refusal| refused(id, &refusal))?;
        let cut = newly_cut(&before.session, &renewed);
        let happening = if cut.is_empty() { Happening::Renewed } else { Happening::MarketerCut };
        let after = before.after(renewed, &decisions);
        Ok(Planned {
            events: vec![after.event(happening, &cut, now)],
            answer: RenewLiveSessionResponse {
                live_session: Some(after.wire(now)),
                revision: known.as_ref().to_owned(),
            },
            change: Change::SaveSessions(vec![(after.record(now), record.fence)]),
        })
    }

    /// Closes a session.
    pub async fn close(
        &self,
        call: &Call,
        once: &Once,
        id: &LiveSessionId,
    ) -> Result<CloseLiveSessionResponse, Error> {
        let platform = &call.caller.organization;
        let plan = || self.plan_closing(platform, id);
        let commit = |change, write| self.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        let revision = done.revision();
        Ok(CloseLiveSessionResponse { revision, ..done.answer })
    }

    async fn plan_closing(
        &self,
        platform: &OrganizationId,
        id: &LiveSessionId,
    ) -> Result<Planned<Change, CloseLiveSessionResponse>, Error> {
        let record = self.session(platform, id).await?;
        let before = Decided::restore(&record)?;
        let now = self.clock.now();
        let closed = before.session.clone().close(now).map_err(|refusal| refused(id, &refusal))?;
        let after = before.after(closed, &[]);
        Ok(Planned {
            events: vec![after.event(Happening::Closed, &[], now)],
            answer: CloseLiveSessionResponse { live_session: Some(after.wire(now)), revision: String::new() },
            change: Change::SaveSessions(vec![(after.record(now), record.fence)]),
        })
    }

    /// One session of a platform.
    pub async fn session(
        &self,
        platform: &OrganizationId,
        id: &LiveSessionId,
    ) -> Result<SessionRecord, Error> {
        let record = self.store.session(id).await?.filter(|record| record.platform == *platform);
        record.ok_or_else(|| Error::LiveSessionNotFound(id.clone()))
    }

    fn decide_all<'a>(
        &self,
        platform: &OrganizationId,
        streamers: impl Iterator<Item = &'a StreamerId>,
        sale: &Sale,
        now: Timestamp,
    ) -> Result<Vec<(StreamerId, Decision)>, Error> {
        let (freshness, world) = (self.freshness(), self.memory.world());
        decide_all(&world, &freshness, platform, streamers, sale, now)
    }
}

/// Decides about several streamers on the same state of knowledge. Fails where somebody would be refused for no more than
/// old news: nobody leaves a stream, or is kept from it, because this replica lost its line or only just began.
pub fn decide_all<'a>(
    world: &World,
    freshness: &Freshness,
    platform: &OrganizationId,
    streamers: impl Iterator<Item = &'a StreamerId>,
    sale: &Sale,
    now: Timestamp,
) -> Result<Vec<(StreamerId, Decision)>, Error> {
    let question = Question::of_sale(sale.clone());
    let decide = |streamer: &StreamerId| {
        let decision = world.decide(platform, streamer, &question, freshness, now);
        let decision = decision.ok_or_else(|| Error::StreamerNotFound(streamer.clone()))?;
        if decision.lacks_news_only() {
            return Err(Error::NewsTooOld(feeds_missed(&decision)));
        }
        Ok((streamer.clone(), decision))
    };
    streamers.map(decide).collect()
}

/// The revision a decision rested on, and the write that came of it.
pub(super) fn with_write(known: &str, position: Option<&Position>) -> Result<String, Error> {
    let Some(position) = position else { return Ok(known.to_owned()) };
    let known = Revision::decode(known).map_err(|fault| Fault::hide(&fault))?;
    Ok(known.and(position).encode())
}

/// The feeds whose news are too old.
fn feeds_missed(decision: &Decision) -> Vec<&'static str> {
    let feed = |reason: &Reason| match &reason.fact {
        Fact::Feed { feed, .. } => Some(feed.word()),
        _ => None,
    };
    decision.reasons.iter().filter_map(feed).collect()
}

fn refused(id: &LiveSessionId, refusal: &SessionRefusal) -> Error {
    match refusal {
        SessionRefusal::NotOpen { state } => Error::LiveSessionNotOpen { session: id.clone(), state: *state },
        SessionRefusal::LeaseRanOut { .. } => {
            Error::LiveSessionNotOpen { session: id.clone(), state: SessionState::Expired }
        }
        SessionRefusal::FenceOutdated { current, .. } => {
            Error::FenceOutdated { session: id.clone(), fence: *current }
        }
        // The fields were validated and everybody on air was decided about.
        SessionRefusal::RosterEmpty
        | SessionRefusal::RosterRepeats { .. }
        | SessionRefusal::LeaseEmpty
        | SessionRefusal::LeaseRuns { .. }
        | SessionRefusal::DecisionMissing { .. }
        | SessionRefusal::NotAdmitted { .. } => Fault::hide(refusal).into(),
    }
}
