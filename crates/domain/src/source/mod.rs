//! Checks that a source outside the suite is asked for: asked, waited for, asked again, concluded or given up. The same for
//! whatever is checked.

mod row;

pub use row::JobRow;

use crate::kernel::{Timestamp, Version};
use crate::ledger::Actor;
use std::time::Duration;

/// How far a check is that a source was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobState {
    /// The source will be asked.
    Pending,
    /// The source was asked and needs time.
    Waiting,
    /// The source did not answer and will be asked again.
    Outage,
    /// The source answered.
    Concluded,
    /// The source did not answer for too long, or refused to. Nothing follows from it.
    GivenUp,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Waiting, Self::Outage, Self::Concluded, Self::GivenUp];

    /// The stable code, used in storage and events.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Waiting => "WAITING",
            Self::Outage => "OUTAGE",
            Self::Concluded => "CONCLUDED",
            Self::GivenUp => "GIVEN_UP",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// How long a source is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The wait after the first outage; it doubles with each further one.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// When a job is given up, counted from its beginning.
    pub give_up_after: Duration,
}

/// One check of an `S` that a source was asked for, which comes to an `R`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceJob<S, R> {
    /// Its id. The source is asked under it, however often.
    pub id: String,
    /// The suite-wide id of what is checked.
    pub subject: S,
    /// The source, by the name it has in the configuration.
    pub source: String,
    /// How far it is.
    pub state: JobState,
    /// What the source wants to be asked with while it needs time; empty otherwise.
    pub ticket: String,
    /// How often the source was asked.
    pub attempts: i64,
    /// How often in a row it did not answer.
    pub outages: i64,
    /// When it is asked next; none once the job is closed.
    pub next_attempt: Option<Timestamp>,
    /// What came of it, once concluded.
    pub result: Option<R>,
    /// Who asked for it.
    pub actor: Actor,
    /// When it was begun.
    pub create_time: Timestamp,
    /// When it last changed.
    pub update_time: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

impl<S, R> SourceJob<S, R> {
    /// A job whose source is asked at once.
    pub fn begin(id: String, subject: S, source: String, actor: Actor, now: Timestamp) -> Self {
        Self {
            id,
            subject,
            source,
            state: JobState::Pending,
            ticket: String::new(),
            attempts: 0,
            outages: 0,
            next_attempt: Some(now),
            result: None,
            actor,
            create_time: now,
            update_time: now,
            version: Version::FIRST,
        }
    }

    /// Whether the source is still to be asked.
    pub const fn is_open(&self) -> bool {
        self.next_attempt.is_some()
    }

    /// The job as it stands after this state of it was stored.
    #[must_use]
    pub fn stored(self) -> Self {
        Self { version: self.version.next(), ..self }
    }

    /// Takes the job for one attempt: until `lease` has passed nobody else asks the source.
    #[must_use]
    pub fn attempt(self, lease: Duration, now: Timestamp) -> Self {
        Self {
            attempts: self.attempts.saturating_add(1),
            next_attempt: Some(now.plus(lease)),
            update_time: now,
            ..self
        }
    }

    /// Lets go of a job that was taken: whoever is next may ask at once.
    #[must_use]
    pub fn put_back(self, now: Timestamp) -> Self {
        Self { next_attempt: Some(now), update_time: now, ..self }
    }

    /// The source needs time.
    #[must_use]
    pub fn wait(self, ticket: String, wait: Duration, patience: &Patience, now: Timestamp) -> Self {
        let next = Self {
            state: JobState::Waiting,
            ticket,
            outages: 0,
            next_attempt: Some(now.plus(wait)),
            update_time: now,
            ..self
        };
        next.unless_too_long(patience, now)
    }

    /// The source did not answer.
    #[must_use]
    pub fn outage(self, patience: &Patience, now: Timestamp) -> Self {
        let doublings = u32::try_from(self.outages.clamp(0, 20)).unwrap_or(20);
        let wait = patience.first_wait.saturating_mul(1 << doublings).min(patience.longest_wait);
        let next = Self {
            state: JobState::Outage,
            outages: self.outages.saturating_add(1),
            next_attempt: Some(now.plus(wait)),
            update_time: now,
            ..self
        };
        next.unless_too_long(patience, now)
    }

    /// The source answered.
    #[must_use]
    pub fn conclude(self, result: R, now: Timestamp) -> Self {
        Self { result: Some(result), ..self.close(JobState::Concluded, now) }
    }

    /// Nothing more is to be expected.
    #[must_use]
    pub fn give_up(self, now: Timestamp) -> Self {
        self.close(JobState::GivenUp, now)
    }

    fn unless_too_long(self, patience: &Patience, now: Timestamp) -> Self {
        let end = self.create_time.plus(patience.give_up_after);
        if now >= end { self.give_up(now) } else { self }
    }

    fn close(self, state: JobState, now: Timestamp) -> Self {
        Self { state, ticket: String::new(), next_attempt: None, update_time: now, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience {
        first_wait: Duration::from_secs(10),
        longest_wait: Duration::from_hours(1),
        give_up_after: Duration::from_hours(24),
    };

    fn job() -> SourceJob<&'static str, bool> {
        let start = Timestamp::from_micros(0);
        SourceJob::begin("j".to_owned(), "a", "police".to_owned(), Actor::default(), start)
    }

    #[test]
    fn a_source_that_is_out_is_asked_ever_more_rarely_and_given_up_in_the_end() {
        let (mut job, mut waits) = (job(), Vec::new());
        let mut now = job.create_time;
        while let Some(next) = job.next_attempt {
            waits.push(next.since(now));
            now = next;
            job = job.attempt(Duration::from_secs(30), now).outage(&PATIENCE, now);
        }
        assert!(waits.is_sorted() && waits.iter().all(|wait| *wait <= PATIENCE.longest_wait));
        assert_eq!((job.state, job.result), (JobState::GivenUp, None));
        assert!(now.since(job.create_time) >= PATIENCE.give_up_after);
    }

    #[test]
    fn time_a_source_asks_for_is_no_outage() {
        let now = Timestamp::from_micros(5);
        let out = job().outage(&PATIENCE, now).outage(&PATIENCE, now);
        let waiting = out.wait("t".to_owned(), Duration::from_mins(1), &PATIENCE, now);
        assert_eq!((waiting.state, waiting.outages, waiting.ticket.as_str()), (JobState::Waiting, 0, "t"));
        let done = waiting.conclude(true, now);
        assert_eq!((done.is_open(), done.ticket.as_str(), done.result), (false, "", Some(true)));
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for state in JobState::ALL {
            assert_eq!(JobState::from_code(state.code()), Some(state));
        }
    }
}
