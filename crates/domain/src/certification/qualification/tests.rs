use super::*;
use proptest::prelude::*;

const TERM: Duration = Duration::from_hours(24 * 30);
const HOUR: Duration = Duration::from_hours(1);

fn noon() -> Timestamp {
    Date::parse("2026-11-02").unwrap().beijing_midnight().plus(HOUR * 12)
}

fn licence(valid_until: Option<&str>) -> Licence {
    Licence {
        domain: QualificationDomainId::try_new("medicine").unwrap(),
        title: "执业医师".to_owned(),
        register_number: "110110000000001".to_owned(),
        employer_proof: None,
        valid_until: valid_until.map(|day| Date::parse(day).unwrap()),
    }
}

fn filed(valid_until: Option<&str>) -> Qualification {
    Qualification::file(
        QualificationId::try_new("q1").unwrap(),
        PersonId::try_new("mina").unwrap(),
        licence(valid_until),
        OrganizationId::try_new("acme").unwrap(),
        noon(),
    )
    .unwrap()
}

fn review(verdict: QualificationVerdict, at: Timestamp) -> QualificationReview {
    QualificationReview {
        verdict,
        reason: "the register was asked".to_owned(),
        artefact_sha256: None,
        organization: OrganizationId::try_new("acme").unwrap(),
        at,
    }
}

/// What happens to a qualification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Accept,
    Refuse,
    Withdraw,
    LicenceEnds,
    CheckDue,
}

const EVENTS: [Event; 5] =
    [Event::Accept, Event::Refuse, Event::Withdraw, Event::LicenceEnds, Event::CheckDue];

/// A qualification in a state, whose licence ends and whose check is due at known instants.
fn in_state(state: QualificationState) -> Qualification {
    let recheck_at = (state == QualificationState::Accepted).then(|| noon().plus(TERM));
    Qualification { state, recheck_at, ..filed(Some("2027-06-30")) }
}

fn happens(event: Event, to: Qualification) -> Result<Option<Qualification>, QualificationRefusal> {
    let later = noon().plus(HOUR);
    match event {
        Event::Accept => to.review(&review(QualificationVerdict::Accept, later), TERM).map(Some),
        Event::Refuse => to.review(&review(QualificationVerdict::Refuse, later), TERM).map(Some),
        Event::Withdraw => to.withdraw(later).map(Some),
        Event::LicenceEnds => {
            let end = to.licence.lapses_at().unwrap();
            // Without the check that would be due before.
            Ok(Qualification { recheck_at: None, ..to }.next_step(end))
        }
        Event::CheckDue => Ok(to.next_step(noon().plus(TERM))),
    }
}

#[test]
fn every_state_answers_every_event_as_the_contract_says() {
    use Event as E;
    use QualificationState as S;
    for state in S::ALL {
        for event in EVENTS {
            let expected = match (state, event) {
                (S::Filed | S::Accepted | S::RecheckDue, E::Accept) => Ok(Some(S::Accepted)),
                (S::Filed | S::Accepted | S::RecheckDue, E::Refuse) => Ok(Some(S::Refused)),
                (S::Filed | S::Accepted | S::RecheckDue, E::Withdraw) => Ok(Some(S::Withdrawn)),
                (S::Filed | S::Accepted | S::RecheckDue, E::LicenceEnds) => Ok(Some(S::Lapsed)),
                (S::Accepted, E::CheckDue) => Ok(Some(S::RecheckDue)),
                (S::Filed | S::RecheckDue, E::CheckDue)
                | (S::Refused | S::Lapsed | S::Withdrawn, E::LicenceEnds | E::CheckDue) => Ok(None),
                (S::Refused | S::Lapsed | S::Withdrawn, E::Accept | E::Refuse | E::Withdraw) => {
                    Err(QualificationRefusal::Final { state })
                }
            };
            let came = happens(event, in_state(state));
            assert_eq!(came.clone().map(|to| to.map(|to| to.state)), expected, "{state:?}, {event:?}");
            if let Ok(Some(after)) = came {
                assert_eq!(after.recheck_at.is_some(), after.state == S::Accepted);
                assert!(!after.state.is_final() || after.due().is_none());
            }
        }
    }
}

#[test]
fn a_licence_counts_through_its_last_day_in_beijing() {
    let end = Date::parse("2026-11-21").unwrap().beijing_midnight();
    let accepted =
        filed(Some("2026-11-20")).review(&review(QualificationVerdict::Accept, noon()), TERM).unwrap();
    let before = end.minus(Duration::from_micros(1));
    assert!(accepted.counts(before) && !accepted.counts(end));
    assert_eq!(accepted.next_step(before), None);
    let lapsed = accepted.next_step(end.plus(HOUR * 9)).unwrap();
    assert_eq!((lapsed.state, lapsed.state_since), (QualificationState::Lapsed, end));
    let late = accepted.review(&review(QualificationVerdict::Accept, end), TERM);
    assert_eq!(late, Err(QualificationRefusal::Final { state: QualificationState::Lapsed }));
}

#[test]
fn what_was_accepted_counts_until_the_check_is_due_and_again_after_it() {
    let accepted = filed(None).review(&review(QualificationVerdict::Accept, noon()), TERM).unwrap();
    let due = noon().plus(TERM);
    assert_eq!(accepted.due(), Some(due));
    assert!(accepted.counts(due.minus(HOUR)) && !accepted.counts(due));
    let waiting = accepted.next_step(due).unwrap();
    assert!(!waiting.counts(due) && waiting.due().is_none());
    let again = waiting.review(&review(QualificationVerdict::Accept, due.plus(HOUR)), TERM).unwrap();
    assert_eq!(again.recheck_at, Some(due.plus(HOUR).plus(TERM)));
    assert!(again.counts(due.plus(HOUR)));
}

#[test]
fn a_licence_that_ended_is_not_filed_and_a_refusal_says_why() {
    let ended = Qualification::file(
        QualificationId::try_new("q1").unwrap(),
        PersonId::try_new("mina").unwrap(),
        licence(Some("2026-11-01")),
        OrganizationId::try_new("acme").unwrap(),
        noon(),
    );
    assert_eq!(ended, Err(QualificationRefusal::Ended));
    let silent = |verdict| QualificationReview { reason: " ".to_owned(), ..review(verdict, noon()) };
    let refused = filed(None).review(&silent(QualificationVerdict::Refuse), TERM);
    assert_eq!(refused, Err(QualificationRefusal::Unfounded));
    assert!(filed(None).review(&silent(QualificationVerdict::Accept), TERM).is_ok());
}

#[test]
fn a_register_number_has_one_form() {
    assert_eq!(Licence::register_number("ｚ１-00 1").as_deref(), Some("Z1001"));
    for wrong in ["", "-", "证1", &"1".repeat(41)] {
        assert_eq!(Licence::register_number(wrong), None);
    }
}

proptest! {
    /// Whoever looks late finds what whoever looked at every instant found.
    #[test]
    fn the_steps_of_time_do_not_depend_on_when_somebody_looks(
        days in prop::option::of(1u32..90),
        accepted_after in prop::option::of(0u32..1000),
        strides in prop::collection::vec(1u32..900, 1..8),
    ) {
        let end = days.map(|days| noon().plus(HOUR * 24 * days).beijing_date());
        let mut known = filed(None);
        known.licence.valid_until = end;
        let begin = noon().plus(HOUR * accepted_after.unwrap_or_default());
        if accepted_after.is_some() {
            match known.clone().review(&review(QualificationVerdict::Accept, begin), TERM) {
                Ok(accepted) => known = accepted,
                Err(refusal) => prop_assert!(known.licence.lapses_at().unwrap() <= begin, "{refusal}"),
            }
        }
        let last = strides.iter().fold(begin, |now, hours| now.plus(HOUR * *hours));
        let walked = |instants: Vec<Timestamp>| {
            let (mut known, mut told) = (known.clone(), Vec::new());
            for now in instants {
                while let Some(next) = known.next_step(now) {
                    prop_assert!(next.state_since <= now && next.state != known.state);
                    told.push((next.state, next.state_since));
                    known = next;
                }
                prop_assert_eq!(known.counts(now), known.state == QualificationState::Accepted);
            }
            Ok((known, told))
        };
        let stepwise = strides.iter().scan(begin, |now, hours| {
            *now = now.plus(HOUR * *hours);
            Some(*now)
        });
        prop_assert_eq!(walked(stepwise.collect())?, walked(vec![last])?);
    }
}
