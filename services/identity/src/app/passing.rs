//! What time alone changes about persons.

use super::record::{Saved, as_of, next_state, saved};
use super::{App, Database};
use crate::error::Error;
use greenroom_domain::identity::Age;
use greenroom_domain::identity::port::{Change, PersonRecord};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{EventDraft, StoreError, Write};
use std::time::Duration;

/// When a record is looked at again that could not be opened.
const UNREADABLE: Duration = Duration::from_hours(24);

impl<S: Database> App<S> {
    /// Records what time has changed about a person. Another replica that was first is no error.
    ///
    /// A record that cannot be opened is put off for a day. That tells nobody anything: what is true of its age is not known,
    /// and what the last event said of it stands. Should it be mended, it is told then.
    pub async fn pass_time(&self, record: PersonRecord) -> Result<(), Error> {
        let now = self.clock.now();
        let (changes, events) = match self.open(&record) {
            Ok(identity) => steps(record, identity.age, now),
            Err(error) => {
                tracing::error!(
                    person = record.person.id.as_str(),
                    %error,
                    "a record that time has changed cannot be opened; trying again in a day"
                );
                let due = Some(now.plus(UNREADABLE));
                (vec![Change::SavePerson(PersonRecord { due, ..record })], Vec::new())
            }
        };
        let write = Write::by_service("passing_time", events, now);
        match self.store.commit(changes, write).await {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// One step for each instant that has come, in their order, each told as of its instant: whoever looks late tells the same as
/// who looks in time.
fn steps(mut record: PersonRecord, age: Age, now: Timestamp) -> (Vec<Change>, Vec<EventDraft>) {
    let (mut changes, mut events) = (Vec::new(), Vec::new());
    // INVARIANT: every step moves `due` further, or ends it.
    while let Some(due) = record.due.filter(|due| *due <= now) {
        let next = next_state(&record, as_of(&record, age, due), due);
        let saved = saved(Change::SavePerson, next, age);
        let Saved { change, event, record: stored } = saved;
        changes.push(change);
        events.push(event);
        record = stored;
    }
    (changes, events)
}
