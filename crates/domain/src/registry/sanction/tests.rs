use super::*;
use crate::kernel::{ClientId, Id};
use proptest::prelude::*;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn party() -> ActingParty {
    ActingParty { client: ClientId::try_new("desk").unwrap(), person: None }
}

fn ending(now: i64) -> Ending {
    Ending { at: at(now), reason: "because".to_owned(), by: party() }
}

fn ban() -> Sanction {
    let text = || "something".to_owned();
    Sanction {
        id: Id::try_new("s1").unwrap(),
        platform: Id::try_new("shop").unwrap(),
        streamer: Id::try_new("mina").unwrap(),
        person: Id::try_new("p1").unwrap(),
        measure: Measure::TimedBan,
        kind: ReasonKind::Policy,
        functions: BTreeSet::new(),
        violations: BTreeSet::new(),
        notice: Notice {
            facts: text(),
            reasons: text(),
            legal_basis: text(),
            appeal_channel: text(),
            appeal_until: at(50),
        },
        term: Term { from: at(10), until: Some(at(20)) },
        imposed_by: party(),
        lifted: None,
        overturned: None,
        appeal: None,
        overriding: None,
        created_at: at(1),
        updated_at: at(1),
        version: Version::FIRST,
    }
}

fn appeal() -> AppealId {
    Id::try_new("a1").unwrap()
}

fn reduction(measure: Measure, until: Option<i64>) -> Reduction {
    Reduction { measure, functions: BTreeSet::new(), until: until.map(at) }
}

/// The ban in each of its states, with an instant at which it is in it.
fn in_every_state() -> [(Sanction, i64, SanctionState); 5] {
    let lifted = Sanction { lifted: Some(ending(12)), ..ban() };
    let overturned = Sanction { overturned: Some(ending(12)), ..ban() };
    [
        (ban(), 9, SanctionState::Pending),
        (ban(), 10, SanctionState::InForce),
        (ban(), 20, SanctionState::Ended),
        (lifted, 15, SanctionState::Lifted),
        (overturned, 15, SanctionState::Overturned),
    ]
}

#[test]
fn every_event_in_every_state_leads_where_it_should() {
    for (sanction, now, state) in in_every_state() {
        assert_eq!(sanction.state(at(now)), state);
        let stands = matches!(state, SanctionState::Pending | SanctionState::InForce);
        let lifted = sanction.clone().lift(ending(now), at(now));
        assert_eq!(lifted.is_ok(), stands, "lift in {state:?}");
        let milder = reduction(Measure::LiveSuspension, Some(19));
        let reduced = sanction.clone().reduce(milder, appeal(), at(now));
        assert_eq!(reduced.is_ok(), stands, "reduce in {state:?}");
        let overturned = sanction.overturn(ending(now), appeal(), at(now));
        assert_eq!(overturned.is_ok(), state != SanctionState::Overturned, "overturn in {state:?}");
    }
}

#[test]
fn a_reduction_is_milder_or_shorter_and_tells_every_fault_at_once() {
    let faults = |measure, until| match ban().reduce(reduction(measure, until), appeal(), at(12)) {
        Err(SanctionRefusal::Reduction(faults)) => faults,
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    };
    assert_eq!(faults(Measure::TimedBan, Some(19)), []);
    assert_eq!(faults(Measure::LiveSuspension, Some(20)), []);
    assert_eq!(faults(Measure::TimedBan, Some(20)), [ReductionFault::Same]);
    assert_eq!(faults(Measure::TimedBan, Some(21)), [ReductionFault::Longer]);
    assert_eq!(faults(Measure::TimedBan, Some(12)), [ReductionFault::Over]);
    assert_eq!(faults(Measure::Blacklisting, None), [ReductionFault::Stricter, ReductionFault::Longer]);
    let endless = [ReductionFault::Longer, ReductionFault::Measure(MeasureFault::EndMissing)];
    assert_eq!(faults(Measure::LiveSuspension, None), endless);
    let limit = [ReductionFault::Measure(MeasureFault::FunctionsMissing)];
    assert_eq!(faults(Measure::FunctionLimit, Some(15)), limit);
}

#[test]
fn fewer_functions_withheld_are_a_reduction_and_others_are_not() {
    let functions = |names: &[&str]| names.iter().map(|name| Id::try_new(name).unwrap()).collect();
    let limit =
        Sanction { measure: Measure::FunctionLimit, functions: functions(&["cart", "gift"]), ..ban() };
    let reduce = |names: &[&str]| {
        let milder = Reduction { functions: functions(names), ..reduction(Measure::FunctionLimit, Some(20)) };
        limit.clone().reduce(milder, appeal(), at(12)).is_ok()
    };
    assert!(reduce(&["cart"]));
    assert!(!reduce(&["cart", "gift"]));
    assert!(!reduce(&["chat"]));
}

#[test]
fn a_measure_reaches_the_account_or_the_person_behind_it() {
    let (other, person): (StreamerId, PersonId) = (Id::try_new("nick").unwrap(), ban().person);
    let reaches = |measure, since| {
        let sanction = Sanction { measure, ..ban() };
        let (scope, shop) = (sanction.scope(), &sanction.platform);
        let stranger: PersonId = Id::try_new("p2").unwrap();
        assert!(scope.reaches(shop, Some((&sanction.streamer, at(9))), &person));
        assert!(!scope.reaches(shop, Some((&other, at(0))), &stranger));
        assert!(!scope.reaches(&Id::try_new("rival").unwrap(), Some((&sanction.streamer, at(0))), &person));
        assert_eq!(scope.reaches(shop, None, &person), measure.reach() == Reach::EveryAccount);
        scope.reaches(shop, Some((&other, at(since))), &person)
    };
    for measure in Measure::ALL {
        assert_eq!(reaches(measure, 1), measure.reach() != Reach::Account, "{measure:?}");
        assert_eq!(reaches(measure, 2), measure.reach() == Reach::EveryAccount, "{measure:?}");
    }
}

proptest! {
    #[test]
    fn nothing_holds_outside_its_term_or_after_it_was_taken_back(
        from in 0i64..40, length in prop::option::of(1i64..40), lift in prop::option::of(0i64..80), now in 0i64..80,
    ) {
        let term = Term { from: at(from), until: length.map(|length| at(from + length)) };
        let sanction = Sanction { term, lifted: lift.map(ending), ..ban() };
        let inside = from <= now && length.is_none_or(|length| now < from + length);
        prop_assert_eq!(sanction.fact().holds(at(now)), inside && lift.is_none_or(|lift| now < lift));
    }
}
