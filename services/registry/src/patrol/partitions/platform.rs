//! The platform, and how it counts the time that is left of a lease.

use super::EPOCH;
use greenroom_domain::registry::SessionState;
use greenroom_domain::registry::port::SessionRecord;

/// How a platform knows when a lease has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counting {
    /// With a stopwatch started when it sent the call that was answered, against the registry's time in the answer.
    FromTheCall,
    /// By its own clock, which is right within the tolerance.
    ByTheClock,
    /// With a stopwatch started when the message came in: wrong, for messages may be late.
    FromTheMessage,
}

/// A session as the platform is told of it.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    pub fence: i64,
    pub lease_until: i64,
    pub on_air: bool,
}

/// There is one marketer, and a session without any is not open.
pub fn told(record: &SessionRecord) -> Told {
    Told {
        fence: record.fence,
        lease_until: record.lease_until.as_micros(),
        on_air: record.state == SessionState::Open,
    }
}

/// What the platform knows.
pub struct Platform {
    pub known: Told,
    /// The registry's clock less the stopwatch: never less than it is.
    pub ahead: i64,
    /// By the stopwatch, where it counts from messages.
    pub deadline: i64,
    pub offset: i64,
    pub drift: i64,
}

impl Platform {
    pub fn stopwatch(&self, now: i64) -> i64 {
        now + now / 1_000_000 * self.drift
    }

    /// Whether it shows the marketer, if it counts like this.
    pub fn shows(&self, now: i64, counting: Counting) -> bool {
        let stopwatch = self.stopwatch(now);
        let runs = match counting {
            Counting::FromTheCall => stopwatch + self.ahead < self.known.lease_until,
            Counting::ByTheClock => EPOCH + now + self.offset < self.known.lease_until,
            Counting::FromTheMessage => stopwatch < self.deadline,
        };
        self.known.on_air && runs
    }

    pub fn hear(&mut self, told: Told, registry: i64, asked: Option<i64>, now: i64) {
        if let Some(sent) = asked {
            self.ahead = registry - sent;
        }
        if told.fence > self.known.fence {
            self.deadline = self.stopwatch(now) + told.lease_until - registry;
            self.known = told;
        }
    }
}
