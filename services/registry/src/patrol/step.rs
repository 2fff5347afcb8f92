//! What is to be done about one session.

use super::{AGAIN, AHEAD, Patrol};
use crate::wire::session::{Decided, Happening, newly_cut};
use greenroom_domain::kernel::{OrganizationId, StreamerId, Timestamp};
use greenroom_domain::ledger::{EventDraft, StoreError};
use greenroom_domain::registry::port::{SessionRecord, Store};
use greenroom_domain::registry::{
    Decision, Freshness, LiveSession, Outcome, Question, SessionRefusal, SessionState,
};
use greenroom_feed::log::HasLog;

/// A change of one session.
pub(super) struct Step {
    /// The session afterwards.
    pub record: SessionRecord,
    /// The fence it was read at.
    pub fence: i64,
    /// What to tell.
    pub events: Vec<EventDraft>,
}

/// What came of a look at a session.
#[derive(Default)]
pub(super) struct Look {
    /// What is to be done, if anything.
    pub step: Option<Step>,
    /// When to look at its lease again unless it changes before.
    pub again: Option<Timestamp>,
}

/// Marketers and what was decided about them.
type Decisions = Vec<(StreamerId, Decision)>;

impl<S: Store + HasLog> Patrol<S> {
    /// What is to be done about a session.
    ///
    /// Who is refused on the facts is cut at once. A lease that ends before its cap is extended as far as everybody's
    /// decisions reach; what only the age of this replica's news stands against waits for fresher ones, here or on
    /// another replica, and ends nobody's session.
    pub(super) fn step(&self, record: &SessionRecord, now: Timestamp) -> Result<Look, StoreError> {
        if record.state != SessionState::Open {
            return Ok(Look::default());
        }
        let before = Decided::restore(record)?;
        // Between two leases only facts count: how old they may be is bounded by the lease itself.
        let fresh = Freshness::all_at(now);
        let question = Question::of_sale(before.session.sale.clone());
        let refused = self.refused(&record.platform, before.session.admitted(), &question, &fresh, now);
        let extension = self.extension(&before.session, &refused, now);
        let mut events = Vec::new();
        let mut after = before.clone();
        if let Some(decisions) = extension {
            let session = before.session.clone().review(&decisions, now).map_err(|why| impossible(&why))?;
            let cut = newly_cut(&before.session, &session);
            let happening = if cut.is_empty() { Happening::Renewed } else { Happening::MarketerCut };
            after = after.after(session, &decisions);
            events.push(after.event(happening, &cut, now));
        } else if !refused.is_empty() {
            let cut: Vec<StreamerId> = refused.iter().map(|(streamer, _)| streamer.clone()).collect();
            let session = cut_all(before.session.clone(), &cut, now).map_err(|why| impossible(&why))?;
            after = after.after(session, &refused);
            events.push(after.event(Happening::MarketerCut, &cut, now));
        }
        if after.session.state == SessionState::Open && now >= record.lease_cap {
            let session = after.session.clone().expire(now).map_err(|why| impossible(&why))?;
            after = after.after(session, &[]);
            events.push(after.event(Happening::Expired, &[], now));
        }
        let step =
            (!events.is_empty()).then(|| Step { record: after.record(now), fence: record.fence, events });
        Ok(Look { again: Some(again(record, now)), step })
    }

    /// The decisions to extend a lease on that ends before its cap: about those refused, and about the others from the
    /// end of the lease on. `None` if it is too early, or if some of the others are not allowed from then on as far as
    /// this replica knows.
    fn extension(&self, session: &LiveSession, refused: &Decisions, now: Timestamp) -> Option<Decisions> {
        let ends = session.lease_until;
        if ends >= session.lease_cap || now >= session.lease_cap || now < ends.minus(AHEAD) {
            return None;
        }
        let freshness = self.app.freshness();
        let world = self.app.memory.world();
        let question = Question::of_sale(session.sale.clone());
        let mut decisions = refused.clone();
        for streamer in session.admitted() {
            if refused.iter().any(|(cut, _)| cut == streamer) {
                continue;
            }
            let decision = world.decide(&session.platform, streamer, &question, &freshness, now.max(ends))?;
            if decision.outcome != Outcome::Allow {
                return None;
            }
            decisions.push((streamer.clone(), Decision { decide_time: now, ..decision }));
        }
        Some(decisions)
    }

    /// Who of the marketers is not allowed, with the decision that says so.
    pub(super) fn refused<'a>(
        &self,
        platform: &OrganizationId,
        marketers: impl Iterator<Item = &'a StreamerId>,
        question: &Question,
        freshness: &Freshness,
        now: Timestamp,
    ) -> Decisions {
        let world = self.app.memory.world();
        let decide = |streamer: &StreamerId| {
            let decision = world.decide(platform, streamer, question, freshness, now)?;
            (decision.outcome != Outcome::Allow).then(|| (streamer.clone(), decision))
        };
        marketers.filter_map(decide).collect()
    }
}

/// At the end of the lease, then now and again up to the cap.
fn again(record: &SessionRecord, now: Timestamp) -> Timestamp {
    let soon = now.plus(AGAIN);
    if now < record.lease_until {
        record.lease_until
    } else if now < record.lease_cap {
        soon.min(record.lease_cap)
    } else {
        soon
    }
}

fn cut_all(
    session: LiveSession,
    streamers: &[StreamerId],
    now: Timestamp,
) -> Result<LiveSession, SessionRefusal> {
    streamers.iter().try_fold(session, |session, streamer| session.cut(streamer, now))
}

fn impossible(refusal: &SessionRefusal) -> StoreError {
    StoreError::Damaged(refusal.to_string())
}
