//! How many questions a source is asked at the same time: many while it answers, one while it does not.

use greenroom_domain::kernel::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// How many questions a source that answers is asked at the same time by one process.
const AT_ONCE: usize = 16;

/// After how many outages in a row a source counts as down.
const DOWN_AFTER: u32 = 5;

/// Whether a source answers, as far as this process has asked it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It does not answer.
    Down,
    /// It answers.
    Up,
}

/// How a source has answered this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Whether it answers; none before it was asked.
    pub health: Option<Health>,
    /// When it answered last, whatever it said.
    pub last_answer: Option<Timestamp>,
    /// How often in a row it did not.
    pub outages: u32,
}

#[derive(Default)]
struct State {
    asking: usize,
    outages: u32,
    last_answer: Option<Timestamp>,
}

impl State {
    const fn most(&self) -> usize {
        if self.outages >= DOWN_AFTER { 1 } else { AT_ONCE }
    }
}

/// Lets questions through to one source.
pub struct Gate {
    state: Mutex<State>,
    freed: Arc<Notify>,
}

impl Gate {
    /// A gate to a source that nobody has asked yet. `freed` is told whenever a question has ended.
    pub fn new(freed: Arc<Notify>) -> Self {
        Self { state: Mutex::new(State::default()), freed }
    }

    /// How many questions are let through now.
    pub fn free(&self) -> usize {
        let state = self.lock();
        state.most().saturating_sub(state.asking)
    }

    /// Lets one question through, for as long as the turn is held.
    pub fn enter(self: &Arc<Self>) -> Option<Turn> {
        let mut state = self.lock();
        (state.asking < state.most()).then(|| {
            state.asking += 1;
            Turn(Arc::clone(self))
        })
    }

    /// How the source has answered so far.
    pub fn record(&self) -> Record {
        let State { outages, last_answer, .. } = *self.lock();
        let health = match (outages, last_answer) {
            (DOWN_AFTER.., _) => Some(Health::Down),
            (0, None) => None,
            _ => Some(Health::Up),
        };
        Record { health, last_answer, outages }
    }

    /// The source answered at `now`, whatever it said. Tells if that is news.
    pub fn answered(&self, now: Timestamp) -> Option<Health> {
        let mut state = self.lock();
        state.last_answer = state.last_answer.max(Some(now));
        let was_down = state.outages >= DOWN_AFTER;
        state.outages = 0;
        was_down.then_some(Health::Up)
    }

    /// The source did not answer. Tells if it counts as down from now on.
    pub fn unanswered(&self) -> Option<Health> {
        let mut state = self.lock();
        state.outages = state.outages.saturating_add(1);
        (state.outages == DOWN_AFTER).then_some(Health::Down)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to ask one question.
pub struct Turn(Arc<Gate>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.lock().asking -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Arc<Gate> {
        Arc::new(Gate::new(Arc::new(Notify::new())))
    }

    #[test]
    fn a_source_is_asked_so_many_questions_at_once_and_no_more() {
        let gate = gate();
        let mut turns: Vec<_> = (0..AT_ONCE).map(|_| gate.enter().unwrap()).collect();
        assert_eq!((gate.free(), gate.enter().is_none()), (0, true));
        turns.pop();
        assert_eq!(gate.free(), 1);
    }

    #[test]
    fn a_source_that_is_down_is_asked_one_question_at_a_time_until_it_answers() {
        let gate = gate();
        assert_eq!(gate.record(), Record::default());
        let told: Vec<_> = (0..8).filter_map(|_| gate.unanswered()).collect();
        assert_eq!(told, [Health::Down]);
        assert_eq!(gate.record(), Record { health: Some(Health::Down), last_answer: None, outages: 8 });
        let turn = gate.enter().unwrap();
        assert!(gate.enter().is_none());
        assert_eq!(gate.answered(Timestamp::MIN), Some(Health::Up));
        assert!(gate.enter().is_some());
        drop(turn);
        assert_eq!(gate.record().health, Some(Health::Up));
        assert_eq!(gate.answered(Timestamp::MIN), None);
        assert_eq!(gate.unanswered(), None);
    }
}
