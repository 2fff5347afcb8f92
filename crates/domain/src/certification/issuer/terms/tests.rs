use super::*;
use crate::certification::samples::{LIVE_SALESPERSON, job_type};
use crate::certification::{IssuerClass, IssuerStanding};
use crate::kernel::{IssuerId, OrganizationId, StandardId, Version};
use crate::occupation::Level;
use proptest::prelude::*;
use std::collections::BTreeSet;

const DAYS: [&str; 5] = ["2022-01-01", "2023-06-30", "2024-02-29", "2025-10-01", "2026-12-31"];
const TODAY: usize = 2;

fn day(number: usize) -> Date {
    Date::parse(DAYS[number]).unwrap()
}

fn issuer(accreditations: Vec<Accreditation>, sites: Vec<Site>) -> Issuer {
    Issuer {
        id: IssuerId::try_new("north").unwrap(),
        organization: OrganizationId::try_new("north-college").unwrap(),
        class: IssuerClass::SocialOrganization,
        code: "0042".to_owned(),
        province: "23".to_owned(),
        standing: IssuerStanding::Listed,
        measure: None,
        accreditations,
        sites,
        version: Version::FIRST,
    }
}

fn accreditation(level: Level, to: Option<usize>) -> Accreditation {
    Accreditation {
        standard: StandardId::try_new("standard").unwrap(),
        job_type: job_type(LIVE_SALESPERSON),
        levels: BTreeSet::from([level]),
        from: day(0),
        to: to.map(day),
    }
}

fn site(sequence: &str, to: Option<usize>) -> Site {
    Site {
        sequence: sequence.to_owned(),
        province: "33".to_owned(),
        name: "West Gate".to_owned(),
        from: day(0),
        to: to.map(day),
    }
}

fn fault(of: Result<Issuer, IssuerRefusal>) -> TermFault {
    match of.unwrap_err() {
        IssuerRefusal::TermNotKept { fault, .. } => fault,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_on_record_may_end_and_not_vanish() {
    let known = issuer(vec![accreditation(Level::Five, None), accreditation(Level::Four, None)], vec![]);
    let given = [accreditation(Level::Four, Some(3)), accreditation(Level::Three, None)];
    assert_eq!(fault(known.clone().amended(Some(&given), None, day(TODAY))), TermFault::Vanished(0));
    let given = [
        accreditation(Level::Three, None),
        accreditation(Level::Four, Some(3)),
        accreditation(Level::Five, None),
    ];
    let amended = known.amended(Some(&given), None, day(TODAY)).unwrap();
    assert_eq!(amended.accreditations, [given[2].clone(), given[1].clone(), given[0].clone()]);
}

#[test]
fn an_end_is_not_set_into_the_past_and_a_past_end_stays() {
    let known = issuer(vec![], vec![site("A00001", None), site("A00002", Some(1)), site("A00003", Some(3))]);
    let given = |to: [Option<usize>; 3]| {
        let sequences = ["A00001", "A00002", "A00003"];
        sequences.iter().zip(to).map(|(sequence, to)| site(sequence, to)).collect::<Vec<_>>()
    };
    let amend = |to| known.clone().amended(None, Some(&given(to)), day(TODAY));
    assert_eq!(fault(amend([Some(1), Some(1), Some(3)])), TermFault::EndPast(0));
    assert_eq!(fault(amend([None, None, Some(3)])), TermFault::Ended(1));
    assert_eq!(amend([Some(2), Some(1), None]).unwrap().sites, given([Some(2), Some(1), None]));
}

#[test]
fn a_site_may_be_renamed_and_is_nobody_elses() {
    let known = issuer(vec![], vec![site("A00001", None)]);
    let renamed = Site { name: "East Gate".to_owned(), ..site("A00001", None) };
    let amended = known.clone().amended(None, Some(&[renamed]), day(TODAY)).unwrap();
    assert_eq!(amended.sites[0].name, "East Gate");
    assert_eq!(amended.prefix_of(&amended.sites[0]), "S004233A00001");
    let twice = [site("A00001", None), site("A00001", None)];
    assert_eq!(fault(known.clone().amended(None, Some(&twice), day(TODAY))), TermFault::Twice(1));
    let later = Site { from: day(3), ..site("A00001", None) };
    let again = known.amended(None, Some(&[site("A00001", Some(2)), later]), day(TODAY));
    assert_eq!(again, Err(IssuerRefusal::SiteMalformed));
}

#[test]
fn a_site_that_makes_no_sense_is_refused() {
    for wrong in [
        site("A0001", None),
        site("a00001", None),
        Site { province: "99".to_owned(), ..site("A00001", None) },
        Site { from: day(3), ..site("A00001", Some(2)) },
    ] {
        assert_eq!(issuer(vec![], vec![wrong]).validated(), Err(IssuerRefusal::SiteMalformed));
    }
}

proptest! {
    /// Whatever is asked for, whoever was covered on a day up to yesterday is covered still.
    #[test]
    fn no_change_takes_away_what_certificates_rest_on(
        known in prop::collection::btree_map(0usize..5, prop::option::of(0usize..5), 0..5),
        given in prop::collection::btree_map(0usize..5, prop::option::of(0usize..5), 0..5),
        today in 0usize..5,
    ) {
        let list = |ends: &std::collections::BTreeMap<usize, Option<usize>>| {
            let levels = ends.iter().map(|(level, to)| accreditation(Level::ALL[*level], *to));
            levels.collect::<Vec<_>>()
        };
        let before = issuer(list(&known), vec![]);
        if let Ok(after) = before.clone().amended(Some(&list(&given)), None, day(today)) {
            let standard = StandardId::try_new("standard").unwrap();
            for on in DAYS.iter().map(|text| Date::parse(text).unwrap()).filter(|on| *on < day(today)) {
                for level in Level::ALL {
                    let job_type = accreditation(level, None).job_type;
                    let covered = |issuer: &Issuer| issuer.is_accredited_for(&standard, job_type, level, on);
                    prop_assert!(!covered(&before) || covered(&after));
                }
            }
            for old in &before.accreditations {
                prop_assert!(after.accreditations.iter().any(|new| new.is_same(old)));
            }
        }
    }
}
