//! What this replica cannot read, each until when it is passed over. Kept in memory alone: no row changes without an event,
//! and another replica, which can read it, does at once what is due.

use greenroom_domain::identity::port::PassedOver;
use greenroom_domain::kernel::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A master key that is missing here comes with the keys file, at any moment.
const KEY: Duration = Duration::from_mins(1);

/// What is damaged does not mend itself.
const ROW: Duration = Duration::from_hours(24);

/// A thing that is passed over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Thing {
    Row(String),
    MasterKey(String),
}

/// The things that are passed over.
#[derive(Debug, Default)]
pub struct PutOff(Mutex<HashMap<Thing, Timestamp>>);

impl PutOff {
    /// Passes over a damaged row for a day. Gives whether it was not passed over before.
    pub fn row(&self, name: &str, now: Timestamp) -> bool {
        self.add(Thing::Row(name.to_owned()), now, ROW)
    }

    /// Passes over for a minute all that a master key wraps. Gives whether it was not passed over before.
    pub fn master_key(&self, id: &str, now: Timestamp) -> bool {
        self.add(Thing::MasterKey(id.to_owned()), now, KEY)
    }

    fn add(&self, thing: Thing, now: Timestamp, time: Duration) -> bool {
        let mut things = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        things.insert(thing, now.plus(time)).is_none_or(|until| until <= now)
    }

    /// What is passed over at `now`. What is over is forgotten.
    pub fn at(&self, now: Timestamp) -> PassedOver {
        let mut things = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        things.retain(|_, until| *until > now);
        let mut passed_over = PassedOver::default();
        for thing in things.keys() {
            match thing {
                Thing::Row(name) => passed_over.row(name),
                Thing::MasterKey(id) => passed_over.master_key(id),
            }
        }
        passed_over
    }

    /// When the next of them is looked at again.
    pub fn next(&self) -> Option<Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_passed_over_for_a_minute_and_a_row_for_a_day() {
        let (put_off, now) = (PutOff::default(), Timestamp::from_micros(1));
        assert!(put_off.master_key("k", now) && put_off.row("persons/mina", now));
        assert!(!put_off.master_key("k", now));
        let words = |now| {
            let passed_over = put_off.at(now);
            let mut words: Vec<_> = passed_over.words().split_whitespace().map(str::to_owned).collect();
            words.sort();
            words
        };
        assert_eq!(words(now), ["keys/k", "persons/mina"]);
        assert_eq!(put_off.next(), Some(now.plus(KEY)));
        assert_eq!(words(now.plus(KEY)), ["persons/mina"]);
        assert_eq!(words(now.plus(ROW)), [""; 0]);
        assert_eq!(put_off.next(), None);
    }
}
