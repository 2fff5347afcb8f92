//! What is to be done about one session: a function of what is known, without effects.

use super::{AGAIN, AHEAD};
use crate::memory::sessions::OnAir;
use crate::memory::world::World;
use crate::wire::session::{Decided, Happening, newly_cut};
use greenroom_domain::kernel::{OrganizationId, StreamerId, Timestamp};
use greenroom_domain::ledger::{EventDraft, StoreError};
use greenroom_domain::registry::port::SessionRecord;
use greenroom_domain::registry::{
    Decision, Freshness, LiveSession, Outcome, Question, SessionRefusal, SessionState,
};

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

/// What one replica knows at an instant.
#[derive(Clone, Copy)]
pub(super) struct Judge<'a> {
    /// The facts.
    pub world: &'a World,
    /// How old they may be.
    pub freshness: &'a Freshness,
    /// The instant.
    pub now: Timestamp,
}

impl Judge<'_> {
    /// What is to be done about a session.
    ///
    /// Who is refused on the facts is cut at once. A lease that ends before its cap is extended as far as everybody's
    /// decisions reach; what only the age of this replica's news stands against waits for fresher ones, here or on
    /// another replica, and ends nobody's session.
    pub(super) fn step(&self, record: &SessionRecord) -> Result<Look, StoreError> {
        let now = self.now;
        if record.state != SessionState::Open {
            return Ok(Look::default());
        }
        let before = Decided::restore(record)?;
        let question = Question::of_sale(before.session.sale.clone());
        let refused = self.refused(&record.platform, before.session.admitted(), &question);
        let extension = self.extension(&before.session, &refused);
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
    fn extension(&self, session: &LiveSession, refused: &Decisions) -> Option<Decisions> {
        let (ends, now) = (session.lease_until, self.now);
        if ends >= session.lease_cap || now >= session.lease_cap || now < ends.minus(AHEAD) {
            return None;
        }
        let question = Question::of_sale(session.sale.clone());
        let mut decisions = refused.clone();
        for streamer in session.admitted() {
            if refused.iter().any(|(cut, _)| cut == streamer) {
                continue;
            }
            let instant = now.max(ends);
            let decision =
                self.world.decide(&session.platform, streamer, &question, self.freshness, instant)?;
            if decision.outcome != Outcome::Allow {
                return None;
            }
            decisions.push((streamer.clone(), Decision { decide_time: now, ..decision }));
        }
        Some(decisions)
    }

    /// Who of the marketers is not allowed, with the decision that says so. Between two leases only facts count: how old
    /// they may be is bounded by the lease itself.
    pub(super) fn refused<'a>(
        &self,
        platform: &OrganizationId,
        marketers: impl Iterator<Item = &'a StreamerId>,
        question: &Question,
    ) -> Decisions {
        let fresh = Freshness::all_at(self.now);
        let decide = |streamer: &StreamerId| {
            let decision = self.world.decide(platform, streamer, question, &fresh, self.now)?;
            (decision.outcome != Outcome::Allow).then(|| (streamer.clone(), decision))
        };
        marketers.filter_map(decide).collect()
    }

    /// Whether a session on air has to be looked at. Most news change nothing for most sessions, and the memory alone tells.
    pub(super) fn concerns(&self, on_air: &OnAir) -> bool {
        let marketers = on_air.running.admitted.iter();
        self.now >= on_air.running.lease_until.minus(AHEAD)
            || !self.refused(&on_air.platform, marketers, &on_air.running.question).is_empty()
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
