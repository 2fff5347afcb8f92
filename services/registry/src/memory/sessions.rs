//! The live sessions on air, found by id, by marketer and by the end of their leases.

use crate::wire::news::{Running, SessionNews};
use greenroom_domain::kernel::{LiveSessionId, OrganizationId, StreamerId, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

/// The sessions on air.
#[derive(Debug, Default)]
pub struct Sessions {
    running: HashMap<LiveSessionId, OnAir>,
    by_streamer: HashMap<StreamerId, BTreeSet<LiveSessionId>>,
    by_end: BTreeMap<(Timestamp, LiveSessionId), i64>,
}

/// A place in the order of the ends of leases.
pub type SessionEnd = (Timestamp, LiveSessionId);

/// One session on air.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnAir {
    /// On which platform.
    pub platform: OrganizationId,
    /// The fence it is known at.
    pub fence: i64,
    /// What it rests on.
    pub running: Running,
}

impl Sessions {
    /// Takes the news of a session unless newer ones are known. Tells whether it did and the session is on air.
    pub fn apply(&mut self, news: SessionNews) -> bool {
        let known = self.running.get(&news.id).map(|on_air| on_air.fence);
        if known.is_some_and(|fence| fence >= news.fence) {
            return false;
        }
        self.remove(&news.id);
        let Some(running) = news.running else { return false };
        for streamer in &running.admitted {
            self.by_streamer.entry(streamer.clone()).or_default().insert(news.id.clone());
        }
        self.by_end.insert((running.lease_until, news.id.clone()), news.fence);
        self.running.insert(news.id, OnAir { platform: news.platform, fence: news.fence, running });
        true
    }

    fn remove(&mut self, id: &LiveSessionId) {
        let Some(old) = self.running.remove(id) else { return };
        self.by_end.remove(&(old.running.lease_until, id.clone()));
        for streamer in &old.running.admitted {
            let emptied = self.by_streamer.get_mut(streamer).is_some_and(|sessions| {
                sessions.remove(id);
                sessions.is_empty()
            });
            if emptied {
                self.by_streamer.remove(streamer);
            }
        }
    }

    /// One session.
    pub fn get(&self, id: &LiveSessionId) -> Option<&OnAir> {
        self.running.get(id)
    }

    /// Those a marketer is admitted to.
    pub fn of_streamer(&self, streamer: &StreamerId) -> impl Iterator<Item = &LiveSessionId> {
        self.by_streamer.get(streamer).into_iter().flatten()
    }

    /// Those that pass a test.
    pub fn filter(&self, test: impl Fn(&OnAir) -> bool) -> impl Iterator<Item = &LiveSessionId> {
        self.running.iter().filter(move |(_, on_air)| test(on_air)).map(|(id, _)| id)
    }

    /// Those behind one end of a lease, in the order of their ends. A session whose end moves on while somebody walks comes
    /// again further on; one whose end moves back has changed, and makes news of its own.
    pub fn after(&self, end: Option<&SessionEnd>) -> impl Iterator<Item = (&SessionEnd, &OnAir)> {
        let from = end.map_or(Bound::Unbounded, Bound::Excluded);
        let ends = self.by_end.range::<SessionEnd, _>((from, Bound::Unbounded));
        ends.filter_map(|(end, _)| Some((end, self.running.get(&end.1)?)))
    }

    /// The ends of leases in their order: when, which session, at which fence.
    pub fn ends(&self) -> impl Iterator<Item = (Timestamp, &LiveSessionId, i64)> {
        self.by_end.iter().map(|((end, id), fence)| (*end, id, *fence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::registry::Question;

    fn news(fence: i64, lease_until: Option<i64>) -> SessionNews {
        let admitted = vec![StreamerId::try_new("mina").unwrap()];
        SessionNews {
            id: LiveSessionId::try_new("show").unwrap(),
            platform: OrganizationId::try_new("shop").unwrap(),
            fence,
            running: lease_until.map(|at| Running {
                lease_until: Timestamp::from_micros(at),
                admitted: admitted.clone(),
                question: Question::default(),
            }),
        }
    }

    #[test]
    fn a_renewed_session_stands_once_at_its_new_end() {
        let mut sessions = Sessions::default();
        assert!(sessions.apply(news(1, Some(10))));
        assert!(sessions.apply(news(2, Some(20))));
        let ends: Vec<i64> = sessions.ends().map(|(end, _, _)| end.as_micros()).collect();
        assert_eq!(ends, [20]);
    }

    #[test]
    fn walking_piece_by_piece_meets_every_session_once() {
        let mut sessions = Sessions::default();
        for number in 0..7 {
            let id = LiveSessionId::try_new(&format!("show-{number}")).unwrap();
            sessions.apply(SessionNews { id, ..news(1, Some(10 + number % 3)) });
        }
        let (mut met, mut at) = (Vec::new(), None);
        loop {
            let piece: Vec<SessionEnd> =
                sessions.after(at.as_ref()).take(2).map(|(end, _)| end.clone()).collect();
            let Some(last) = piece.last() else { break };
            at = Some(last.clone());
            met.extend(piece);
        }
        let unique: BTreeSet<&SessionEnd> = met.iter().collect();
        assert_eq!((met.len(), unique.len()), (7, 7));
    }

    #[test]
    fn older_news_change_nothing() {
        let mut sessions = Sessions::default();
        sessions.apply(news(2, Some(20)));
        assert!(!sessions.apply(news(1, Some(10))));
        assert_eq!(sessions.ends().count(), 1);
    }

    #[test]
    fn a_session_that_ended_leaves_no_trace() {
        let mut sessions = Sessions::default();
        sessions.apply(news(1, Some(10)));
        sessions.apply(news(2, None));
        assert_eq!(sessions.ends().count(), 0);
        assert_eq!(sessions.of_streamer(&StreamerId::try_new("mina").unwrap()).count(), 0);
        assert!(sessions.by_streamer.is_empty());
    }
}
