//! A person's record from one state to the next.

use crate::wire;
use greenroom_domain::identity::port::{Change, PersonRecord};
use greenroom_domain::identity::{Age, Person};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::EventDraft;

/// A change of one person, ready for a commit.
pub struct Saved {
    /// What the store is to do.
    pub change: Change,
    /// What is true since.
    pub event: EventDraft,
    /// The record as it is stored afterwards, its version already counted: a further change of the same commit begins
    /// here.
    pub record: PersonRecord,
}

/// The person of a record with the age, which is stored sealed, as of `now`: what time has changed is changed.
pub fn as_of(record: &PersonRecord, age: Age, now: Timestamp) -> Person {
    Person { age, ..record.person.clone() }.pass_time(now)
}

/// The record with the person's next state, to be stored at `now`. Every save goes through here: the age is taken out again,
/// and what time brings next is reckoned anew.
pub fn next_state(record: &PersonRecord, person: Person, now: Timestamp) -> PersonRecord {
    // The clocks of two replicas differ a little; a record never goes back.
    let now = now.max(record.update_time);
    // What is already over by now is told with this change, since nothing will be due for it any more.
    let person = person.pass_time(now);
    let due = person.next_change(now);
    PersonRecord { person: Person { age: Age::Unknown, ..person }, due, update_time: now, ..record.clone() }
}

/// The change that stores `next`, which still carries the version that was read. `how` is `Change::SavePerson` or
/// `Change::ResealPerson`.
pub fn saved(how: fn(PersonRecord) -> Change, next: PersonRecord, age: Age) -> Saved {
    let change = how(next.clone());
    let person = Person { version: next.person.version.next(), ..next.person.clone() };
    let record = PersonRecord { person, ..next };
    Saved { change, event: wire::person_event(&record, age), record }
}
