//! What time alone changes about persons.

use super::record::{Saved, as_of, next_state, saved};
use super::{App, Database};
use crate::error::Error;
use crate::vault::VaultFault;
use greenroom_domain::identity::Age;
use greenroom_domain::identity::port::{Change, PersonRecord};
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::{EventDraft, StoreError, Write};
use std::fmt::Display;

impl<S: Database> App<S> {
    /// Records what time has changed about a person. Another replica that was first is no error.
    ///
    /// A record that cannot be opened is passed over here, and stays as it is: what is true of its age is not known, and what
    /// the last event said of it stands. Another replica that has the key tells it at once; should it be mended, it is told
    /// then.
    pub async fn pass_time(&self, record: PersonRecord) -> Result<(), Error> {
        let now = self.clock.now();
        let identity = match self.vault.open_person(&record.person.id, &record.sealed) {
            Ok(identity) => identity,
            Err(fault) => {
                self.put_off_unreadable(record, fault, now);
                return Ok(());
            }
        };
        let (changes, events) = steps(record, identity.age, now);
        let write = Write::by_service("passing_time", events, now);
        match self.store.commit(changes, write).await {
            Ok(_) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Passes over a record for a while, or all that the master key wraps that is missing here. Said once for each while.
    fn put_off_unreadable(&self, record: PersonRecord, fault: VaultFault, now: Timestamp) {
        if fault == VaultFault::NoSuchKey {
            let key = record.sealed.wrapped_by;
            if self.put_off.master_key(&key, now) {
                tracing::error!(
                    key,
                    "records that time has changed cannot be opened: the keys file lacks their master key; trying again in a \
                     minute"
                );
            }
        } else {
            self.put_off_damaged(&record.person.id.name(), &fault, now);
        }
    }

    /// Passes over a damaged row for a day.
    pub fn put_off_damaged(&self, name: &str, cause: &(dyn Display + Sync), now: Timestamp) {
        if self.put_off.row(name, now) {
            tracing::error!(row = name, %cause, "a row that time has changed cannot be read; trying again in a day");
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

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_domain::identity::port::Sealed;
    use greenroom_domain::identity::{BirthDate, Person, Proofing, ProofingMethod, ProofingResult};
    use greenroom_domain::kernel::{Date, PersonId};
    use proptest::prelude::*;
    use std::time::Duration;

    const HOUR: Duration = Duration::from_hours(1);

    fn start() -> Timestamp {
        Date::parse("2026-11-02").unwrap().beijing_midnight().plus(HOUR * 12)
    }

    /// Somebody who was proven just now.
    fn proven(age: Age, fresh_hours: u32, document_valid_until: Option<Date>) -> PersonRecord {
        let person = Person::register(PersonId::try_new("mina").unwrap(), age, start());
        let proofing = Proofing {
            method: ProofingMethod::Sandbox,
            source: "sandbox".to_owned(),
            authentication: None,
            result: ProofingResult::Match,
            checked_at: start(),
            fresh_until: start().plus(HOUR * fresh_hours),
            artefact_sha256: None,
            document_valid_until,
        };
        let record = PersonRecord {
            person: person.clone(),
            document_type: None,
            lookup: [1; 32],
            claim_lookup: [2; 32],
            proven_lookup: None,
            sealed: Sealed { wrapped_by: String::new(), wrapped_key: Vec::new(), record: Vec::new() },
            due: None,
            create_time: start(),
            update_time: start(),
        };
        next_state(&record, person.record_proofing(&proofing, start()).unwrap(), start())
    }

    /// The record as it is once the steps are stored.
    fn walk(record: PersonRecord, age: Age, now: Timestamp) -> (PersonRecord, Vec<EventDraft>) {
        let (changes, events) = steps(record.clone(), age, now);
        let last = changes.into_iter().last().map(|change| match change {
            Change::SavePerson(next) => {
                let version = next.person.version.next();
                PersonRecord { person: Person { version, ..next.person.clone() }, ..next }
            }
            other => panic!("{other:?}"),
        });
        (last.unwrap_or(record), events)
    }

    proptest! {
        #[test]
        fn whoever_looks_late_tells_the_same_as_who_looks_at_every_instant(
            born in 0i64..7000,
            known in 0..3,
            fresh_hours in 1u32..9000,
            document_days in proptest::option::of(0i64..900),
            strides in proptest::collection::vec(1u32..20_000, 1..12),
        ) {
            let day = |number: i64| start().minus(HOUR * 24 * 7000).plus(HOUR * 24 * u32::try_from(number).unwrap());
            let age = match known {
                0 => Age::Unknown,
                1 => Age::Adult,
                _ => Age::Born(BirthDate::new(day(born).beijing_date())),
            };
            let document = document_days.map(|days| day(7000 + days).beijing_date());
            let record = proven(age, fresh_hours, document);
            let end = strides.iter().fold(start(), |now, hours| now.plus(HOUR * *hours));

            let (mut one_by_one, mut told) = (record.clone(), Vec::new());
            while let Some(due) = one_by_one.due.filter(|due| *due <= end) {
                let (next, events) = walk(one_by_one, age, due);
                prop_assert_eq!(events.len(), 1);
                told.extend(events);
                one_by_one = next;
            }
            let (mut in_strides, mut told_in_strides, mut now) = (record, Vec::new(), start());
            for hours in strides {
                now = now.plus(HOUR * hours);
                let (next, events) = walk(in_strides, age, now);
                told_in_strides.extend(events);
                in_strides = next;
            }
            prop_assert_eq!(in_strides, one_by_one);
            prop_assert_eq!(told_in_strides, told);
        }
    }

    #[test]
    fn nothing_is_told_before_its_time() {
        let record = proven(Age::Adult, 10, None);
        let due = start().plus(HOUR * 10);
        assert_eq!(record.due, Some(due));
        assert!(steps(record.clone(), Age::Adult, due.minus(Duration::from_micros(1))).1.is_empty());
        let (stored, told) = walk(record, Age::Adult, due);
        assert_eq!((told.len(), stored.person.state_since, stored.due), (1, due, None));
    }
}
