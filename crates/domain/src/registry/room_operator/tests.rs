use super::*;
use std::time::Duration;

fn day(text: &str) -> Timestamp {
    Date::parse(text).unwrap().beijing_midnight()
}

fn studio() -> RoomOperator {
    RoomOperator {
        id: RoomOperatorId::try_new("studio").unwrap(),
        platform: OrganizationId::try_new("shop").unwrap(),
        party: OperatorParty::Enterprise(Enterprise {
            name: "直播间有限公司".to_owned(),
            code: CreditCode::parse("91350100M000100Y43").unwrap(),
        }),
        tier: RoomTier::Ordinary,
        organization: None,
        licences: Vec::new(),
        verifications: Vec::new(),
        state: OperatorState::Registered,
        created_at: day("2026-01-01"),
        updated_at: day("2026-01-01"),
        version: Version::FIRST,
    }
}

fn verification(at: Timestamp) -> OperatorVerification {
    OperatorVerification {
        checks: [Check::Registration, Check::BusinessAddress, Check::Contact].into(),
        verified_at: at,
        artefact_digest: vec![7; 32],
        recorded_at: at,
        client: ClientId::try_new("backend").unwrap(),
        person: None,
    }
}

fn food() -> Licence {
    Licence {
        category: CategoryId::try_new("food").unwrap(),
        proof: LicenceProof::Reference("file-1".to_owned()),
        from: Date::parse("2026-01-01").unwrap(),
        until: Some(Date::parse("2026-12-31").unwrap()),
    }
}

#[test]
fn a_verification_counts_for_six_calendar_months_of_the_beijing_date() {
    let until = |at| verification(at).until();
    assert_eq!(until(day("2026-03-15")), day("2026-09-15"));
    assert_eq!(until(day("2026-08-31")), day("2027-03-01"));
    assert_eq!(until(day("2027-08-31")), day("2028-03-01"));
    assert_eq!(until(day("2026-08-28")), day("2027-02-28"));
    assert_eq!(until(day("2027-08-29")), day("2028-02-29"));
    assert_eq!(until(day("2026-12-31")), day("2027-07-01"));
    // Late in the evening of 30 August in London it is 31 August in Beijing.
    let evening = day("2026-08-31").plus(Duration::from_hours(23));
    assert_eq!(until(evening), day("2027-03-01"));
    assert_eq!(until(day("2026-08-31").minus(Duration::from_micros(1))), day("2027-03-01"));
}

#[test]
fn a_verification_moves_the_day_on_which_the_next_is_due() {
    let new = studio();
    assert!(new.is_due_before(day("2026-01-01")));
    let first = new.verify(verification(day("2026-01-10")), day("2026-01-11")).unwrap();
    assert_eq!(first.verified_until(), Some(day("2026-07-10")));
    assert!(!first.is_due_before(day("2026-07-10")) && first.is_due_before(day("2026-07-11")));
    let second = first.clone().verify(verification(day("2026-06-30")), day("2026-06-30")).unwrap();
    assert_eq!(second.verified_until(), Some(day("2026-12-30")));
    assert_eq!((second.verifications.len(), second.version), (2, first.version.next()));
    let earlier = second.verify(verification(day("2026-06-29")), day("2026-07-01"));
    assert_eq!(earlier, Err(OperatorRefusal::VerifiedLater));
}

#[test]
fn licences_on_file_are_part_of_what_is_verified() {
    let licensed = RoomOperator { licences: vec![food()], ..studio() };
    let at = day("2026-02-01");
    let refused = licensed.clone().verify(verification(at), at);
    assert_eq!(refused, Err(OperatorRefusal::LicencesUnchecked));
    let all = OperatorVerification { checks: Check::ALL.into(), ..verification(at) };
    let fact = licensed.verify(all, at).unwrap().fact().unwrap();
    let food = CategoryId::try_new("food").unwrap();
    assert!(fact.is_licensed(&food, day("2027-01-01").minus(Duration::from_micros(1))));
    assert!(!fact.is_licensed(&food, day("2027-01-01")));
}

#[test]
fn only_the_newest_hundred_verifications_are_carried_along() {
    let mut operator = studio();
    for number in 0..105 {
        let at = day("2026-01-01").plus(Duration::from_hours(number));
        operator = operator.verify(verification(at), at).unwrap();
    }
    assert_eq!(operator.verifications.len(), 100);
    assert_eq!(operator.verified_at(), Some(day("2026-01-01").plus(Duration::from_hours(104))));
}

#[test]
fn a_change_keeps_what_it_does_not_name() {
    let now = day("2026-02-01");
    let change = OperatorChange { tier: Some(RoomTier::Key), ..OperatorChange::default() };
    let changed = studio().change(change, now).unwrap();
    assert_eq!((changed.tier, changed.updated_at), (RoomTier::Key, now));
    assert_eq!(changed.party, studio().party);
    let renamed = OperatorChange { name: Some("新名".to_owned()), ..OperatorChange::default() };
    let OperatorParty::Enterprise(enterprise) = studio().change(renamed.clone(), now).unwrap().party else {
        panic!("no enterprise");
    };
    assert_eq!((enterprise.name.as_str(), enterprise.code.as_str()), ("新名", "91350100M000100Y43"));
    let person = PersonId::try_new("p").unwrap();
    let party = OperatorParty::Individual { person: person.clone(), pairwise: person };
    let individual = RoomOperator { party, ..studio() };
    assert_eq!(individual.change(renamed, now), Err(OperatorRefusal::NameOfIndividual));
}

#[test]
fn a_withdrawn_operator_is_as_one_that_is_unknown_and_changes_no_more() {
    let now = day("2026-02-01");
    let gone = studio().withdraw(now).unwrap();
    assert_eq!(gone.fact(), None);
    assert!(!gone.is_due_before(day("2030-01-01")));
    assert_eq!(gone.clone().withdraw(now), Err(OperatorRefusal::Withdrawn));
    assert_eq!(gone.clone().verify(verification(now), now), Err(OperatorRefusal::Withdrawn));
    assert_eq!(gone.change(OperatorChange::default(), now), Err(OperatorRefusal::Withdrawn));
}

#[test]
fn codes_lead_back_to_their_values() {
    for state in OperatorState::ALL {
        assert_eq!(OperatorState::from_code(state.code()), Some(state));
    }
}
