//! Certificate numbers under whatever anybody writes: what they say, what contradicts a claim, and what cannot.

#![cfg(test)]

use greenroom_domain::certification::province::{PROVINCES, ProvinceMark};
use greenroom_domain::certification::{
    CertificateNumber, FindingCode, Issuer, IssuerClass, IssuerStanding, NumberClaim, NumberFinding,
    OccupationCode, Part, Scheme, Severity, Site, Standard, StandardJobType, cross_check,
};
use greenroom_domain::kernel::{Date, IssuerId, OrganizationId, StandardId, Version};
use greenroom_domain::occupation::{JobType, JobTypeName, Level};
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeSet;

const LEVELS: [(Level, &str); 5] =
    [(Level::Five, "5"), (Level::Four, "4"), (Level::Three, "3"), (Level::Two, "2"), (Level::One, "1")];

/// A scheme and parts that fit it, in their order.
fn written() -> impl Strategy<Value = (Scheme, Vec<String>)> {
    let province = || select(PROVINCES.to_vec()).prop_map(|one| one.code.to_owned());
    let level = || select(LEVELS.to_vec()).prop_map(|(_, digit)| digit.to_owned());
    let level22 = ("[YS]", "[0-9]{4}", province(), "[0-9A-Z]{6}", "[0-9]{2}", level(), "[0-9]{6}")
        .prop_map(|(a, b, c, d, e, f, g)| (Scheme::Level22, vec![a, b, c, d, e, f, g]));
    let region20 =
        (("[GSCX]", "[NW]", province(), "[0-9]{4}"), ("[0-9]{3}", "[0-9]{2}", level(), "[0-9]{5}")).prop_map(
            |((a, b, c, d), (e, f, g, h))| (Scheme::Region20, vec!["R".to_owned(), a, b, c, d, e, f, g, h]),
        );
    let qual16 = ("[0-9]{2}", "[0-9]{14}").prop_map(|(a, b)| (Scheme::Qual16, vec![a, b]));
    prop_oneof![level22, region20, qual16]
}

/// As people write numbers: full-width, in small letters, with spaces and hyphens.
fn scrawled(text: &str, how: &[u8]) -> String {
    let mut how = how.iter().cycle();
    let mut scrawl = String::new();
    for c in text.chars() {
        match how.next().copied().unwrap_or_default() % 5 {
            1 => scrawl.extend(char::from_u32(u32::from(c) + 0xFEE0)),
            2 => scrawl.push(c.to_ascii_lowercase()),
            3 => scrawl.extend([' ', c]),
            4 => scrawl.extend([c, '-', '\u{3000}']),
            _ => scrawl.push(c),
        }
    }
    scrawl
}

/// An issuer with one site, and a number of its that nothing speaks against.
#[derive(Debug, Clone)]
struct Issued {
    issuer: Issuer,
    number: String,
    level: Level,
    issue_date: Date,
}

fn issued() -> impl Strategy<Value = Issued> {
    let own = select(PROVINCES.to_vec()).prop_filter("confirmed", |one| one.mark == ProvinceMark::Confirmed);
    let parts = (
        select(IssuerClass::ALL.to_vec()),
        prop_oneof![Just("0000".to_owned()), "[0-9]{4}"],
        own,
        "[0-9A-Z]{6}",
    );
    let rest = (any::<bool>(), 2019..2100_i32, select(LEVELS.to_vec()), "[0-9]{6}");
    (parts, rest).prop_map(|((class, code, province, sequence), (listed, year, (level, digit), serial))| {
        let site = Site {
            sequence: sequence.clone(),
            province: province.code.to_owned(),
            name: "West Gate".to_owned(),
            from: Date::MIN,
            to: None,
        };
        let number =
            format!("{}{code}{}{sequence}{:02}{digit}{serial}", class.letter(), province.code, year - 2000);
        let issuer = Issuer {
            id: IssuerId::try_new("north").unwrap(),
            organization: OrganizationId::try_new("north-college").unwrap(),
            class,
            code,
            province: province.code.to_owned(),
            standing: IssuerStanding::Listed,
            measure: None,
            accreditations: Vec::new(),
            sites: if listed { vec![site] } else { Vec::new() },
            version: Version::FIRST,
        };
        Issued { issuer, number, level, issue_date: Date::try_new(year, 6, 1).unwrap() }
    })
}

fn told(issued: &Issued, number: &str) -> BTreeSet<FindingCode> {
    let number = CertificateNumber::parse(number).unwrap();
    let claim = NumberClaim {
        job_type: None,
        level: issued.level,
        issue_date: issued.issue_date,
        issuer: Some(&issued.issuer),
    };
    cross_check(&number, &claim).iter().map(NumberFinding::code).collect()
}

/// Whether another character in a part can be noticed at all, given what is known of the issuer.
fn is_provable(part: Part, issuer: &Issuer) -> bool {
    match part {
        Part::IssuerClass | Part::IssuerCode | Part::Year | Part::Level => true,
        // An issuer that the ministry filed may have sites anywhere; only a list of them tells.
        Part::Province => issuer.code == "0000" || !issuer.sites.is_empty(),
        Part::Site => !issuer.sites.is_empty(),
        // Nothing but the issuer's own books knows a serial number: there is no check digit.
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_number_is_written_from_its_parts_and_read_back_as_them(
        (scheme, parts) in written(),
        how in prop::collection::vec(any::<u8>(), 1..9),
    ) {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let number = CertificateNumber::from_parts(scheme, &parts).unwrap();
        prop_assert_eq!(number.scheme(), scheme);
        prop_assert_eq!(number.parts().map(|(_, text)| text).collect::<Vec<_>>(), parts.clone());
        let read = CertificateNumber::parse(&scrawled(&parts.concat(), &how)).unwrap();
        let again: Vec<&str> = read.parts().map(|(_, text)| text).collect();
        prop_assert_eq!(CertificateNumber::from_parts(read.scheme(), &again), Ok(number));
    }

    #[test]
    fn no_text_whatever_breaks_the_reading_or_the_checks(
        text in prop_oneof![any::<String>(), "[YSR０-９0-9 a-zA-Z-]{0,44}", "\\PC{16,24}"],
        level in select(Level::ALL.to_vec()),
    ) {
        if let Ok(number) = CertificateNumber::parse(&text) {
            prop_assert_eq!(&CertificateNumber::parse(number.as_str()).unwrap(), &number);
            let claim = NumberClaim {
                job_type: None,
                level,
                issue_date: Date::parse("2024-03-01").unwrap(),
                issuer: None,
            };
            for finding in cross_check(&number, &claim) {
                prop_assert!(!finding.to_string().is_empty() && !finding.chinese().is_empty());
            }
        }
    }

    #[test]
    fn one_wrong_character_is_caught_where_it_means_something_and_nowhere_else(
        issued in issued(),
        place in 0usize..22,
        other in select("0123456789ABCSTYZ".chars().collect::<Vec<_>>()),
    ) {
        prop_assert_eq!(told(&issued, &issued.number), BTreeSet::new());
        let right = CertificateNumber::parse(&issued.number).unwrap();
        let mut text: Vec<char> = issued.number.chars().collect();
        prop_assume!(text[place] != other);
        text[place] = other;
        let wrong: String = text.iter().collect();
        let mut begins = 0;
        let part = right.parts().find(|(_, text)| {
            begins += text.len();
            place < begins
        });
        let part = part.unwrap().0;
        let findings = told(&issued, &wrong);
        if CertificateNumber::parse(&wrong).unwrap().scheme() != Scheme::Level22 {
            // It breaks the pattern, which is told or, with two letters, leaves nothing to be read.
            let special = CertificateNumber::parse(&wrong).unwrap().scheme() == Scheme::Special22;
            prop_assert!(special || findings == BTreeSet::from([FindingCode::SchemeUnknown]));
        } else if is_provable(part, &issued.issuer) {
            prop_assert!(!findings.is_empty(), "{part:?} of {wrong} passes");
        } else {
            let province = BTreeSet::from([FindingCode::ProvinceUnknown, FindingCode::ProvinceUnconfirmed]);
            prop_assert!(findings.is_subset(&province), "{findings:?}");
        }
    }

    #[test]
    fn every_check_that_fails_is_named_and_not_the_first_alone(issued in issued()) {
        let mut number: Vec<char> = issued.number.chars().collect();
        number[0] = if number[0] == 'Y' { 'S' } else { 'Y' };
        number[1] = if number[1] == '1' { '2' } else { '1' };
        number[15] = if number[15] == '5' { '4' } else { '5' };
        let year: String = if number[13..15] == ['1', '8'] { "17" } else { "18" }.to_owned();
        number.splice(13..15, year.chars());
        number.splice(5..7, "99".chars());
        let findings = told(&issued, &number.iter().collect::<String>());
        let mut expected = BTreeSet::from([
            FindingCode::IssuerClassConflict,
            FindingCode::IssuerCodeConflict,
            FindingCode::LevelConflict,
            FindingCode::YearConflict,
            FindingCode::YearBeforeScheme,
            FindingCode::ProvinceUnknown,
        ]);
        if !issued.issuer.sites.is_empty() {
            expected.insert(FindingCode::SiteUnknown);
        }
        prop_assert_eq!(findings, expected);
    }
}

#[test]
fn what_no_source_confirms_warns_and_refuses_nothing() {
    let warns = |code: &FindingCode| code.severity() == Severity::Note;
    let warnings: Vec<&str> =
        FindingCode::ALL.iter().filter(|code| warns(code)).map(|code| code.code()).collect();
    let expected =
        ["SCHEME_UNKNOWN", "YEAR_BEFORE_SCHEME", "PROVINCE_UNCONFIRMED", "SITE_UNKNOWN", "SITE_CLOSED"];
    assert_eq!(warnings, expected);
}

#[test]
fn a_level_that_the_standard_lacks_is_told_whatever_the_scheme() {
    let administrator = JobType::try_new("platform-administrator").unwrap();
    let job_type = StandardJobType {
        job_type: administrator,
        name: JobTypeName::unnamed(administrator),
        levels: BTreeSet::from([Level::Five, Level::Four, Level::Three]),
    };
    let code = OccupationCode::try_new("4-01-02-07").unwrap();
    let id = StandardId::try_new("internet-marketer-2021").unwrap();
    let standard = Standard::try_new(id, vec![code], 2021, vec![job_type]).unwrap();
    for text in ["S004223000001242000001", "RSW23010001224200001", "0811003013400001", "ABC123"] {
        let number = CertificateNumber::parse(text).unwrap();
        let claim = NumberClaim {
            job_type: Some((&standard, administrator)),
            level: Level::Two,
            issue_date: Date::parse("2024-03-01").unwrap(),
            issuer: None,
        };
        let codes: Vec<FindingCode> = cross_check(&number, &claim).iter().map(NumberFinding::code).collect();
        assert!(codes.contains(&FindingCode::CellNotInStandard), "{text}: {codes:?}");
    }
}

#[test]
fn a_site_is_held_against_the_day_of_issue() {
    let site = |from: &str, to: Option<&str>| Site {
        sequence: "DEMO01".to_owned(),
        province: "33".to_owned(),
        name: "West Gate".to_owned(),
        from: Date::parse(from).unwrap(),
        to: to.map(|day| Date::parse(day).unwrap()),
    };
    let issued = |site| Issued {
        issuer: Issuer {
            id: IssuerId::try_new("north").unwrap(),
            organization: OrganizationId::try_new("north-college").unwrap(),
            class: IssuerClass::SocialOrganization,
            code: "0000".to_owned(),
            province: "33".to_owned(),
            standing: IssuerStanding::Listed,
            measure: None,
            accreditations: Vec::new(),
            sites: vec![site],
            version: Version::FIRST,
        },
        number: "S000033DEMO01243000001".to_owned(),
        level: Level::Three,
        issue_date: Date::parse("2024-06-01").unwrap(),
    };
    for (site, expected) in [
        (site("2024-06-01", None), None),
        (site("2022-01-01", Some("2024-06-01")), None),
        (site("2024-06-02", None), Some(FindingCode::SiteClosed)),
        (site("2022-01-01", Some("2024-05-31")), Some(FindingCode::SiteClosed)),
    ] {
        let issued = issued(site);
        assert_eq!(told(&issued, &issued.number), expected.into_iter().collect());
    }
}
