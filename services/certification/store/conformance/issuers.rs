//! Issuers that change, and what a measure against one would concern.

use super::*;
use greenroom_domain::certification::port::{CertificateGroup, IssuerImpact};
use greenroom_domain::certification::{IssuerMeasure, Site};
use greenroom_domain::kernel::PersonId;

fn site(sequence: &str, to: Option<&str>) -> Site {
    Site {
        sequence: sequence.to_owned(),
        province: "33".to_owned(),
        name: "西门 · West Gate".to_owned(),
        from: Date::parse("2022-01-01").unwrap(),
        to: to.map(|day| Date::parse(day).unwrap()),
    }
}

#[tokio::test]
async fn an_issuer_is_saved_behind_its_version_with_its_lists_and_its_measure() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let known = store.issuer(&id("north")).await.unwrap().unwrap();
    let mut next = known.clone();
    next.display_name = "South College".to_owned();
    next.update_time = Timestamp::from_micros(AT.as_micros() + 7);
    next.issuer.standing = IssuerStanding::StruckOff;
    next.issuer.measure = Some(IssuerMeasure {
        explanation: "出售成绩".to_owned(),
        legal_basis: "a decision".to_owned(),
        effective_at: Timestamp::from_micros(5),
        entered_at: Timestamp::from_micros(6),
        review_until: Some(Timestamp::from_micros(7)),
    });
    next.issuer.sites = vec![site("B00001", None), site("A00002", Some("2024-12-31"))];
    next.issuer.accreditations.truncate(1);
    store.commit(Change::SaveIssuer(next.clone()), write("issuers/north")).await.unwrap();
    let stored = next.stored(next.update_time);
    assert_eq!(store.issuer(&id("north")).await.unwrap(), Some(stored.clone()));
    assert_eq!(store.issuers("", 9).await.unwrap(), std::slice::from_ref(&stored));
    let lost = store.commit(Change::SaveIssuer(known), write("issuers/north")).await;
    assert!(matches!(lost, Err(StoreError::Conflict)), "{lost:?}");
    let reinstated = IssuerRecord {
        issuer: Issuer { standing: IssuerStanding::Listed, measure: None, ..stored.issuer.clone() },
        ..stored
    };
    store.commit(Change::SaveIssuer(reinstated.clone()), write("issuers/north")).await.unwrap();
    let listed = store.issuer(&id("north")).await.unwrap().unwrap();
    assert_eq!((listed.issuer.measure, listed.issuer.sites.len()), (None, 2));
}

#[tokio::test]
async fn the_characters_of_a_site_are_one_issuers_for_good() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let mut with_site = issuer("south");
    with_site.issuer.sites = vec![site("A00001", None)];
    store.commit(Change::AddIssuer(with_site), write("issuers/south")).await.unwrap();
    assert_eq!(store.issuer_at("S000033A00001").await.unwrap(), Some(id("south")));
    assert_eq!(store.issuer_at("Y000033A00001").await.unwrap(), None);
    let head = store.log().head().await.unwrap();
    let mut north = store.issuer(&id("north")).await.unwrap().unwrap();
    north.issuer.sites = vec![site("A00001", None)];
    let taken = store.commit(Change::SaveIssuer(north.clone()), write("issuers/north")).await;
    assert!(matches!(taken, Err(StoreError::Taken("site"))), "{taken:?}");
    assert_eq!(store.log().head().await.unwrap(), head);
    north.issuer.class = IssuerClass::Employer;
    north.issuer.sites = vec![site("A00002", None)];
    store.commit(Change::SaveIssuer(north), write("issuers/north")).await.unwrap();
}

#[tokio::test]
async fn the_certificates_of_an_issuer_are_counted_by_kind_level_and_state() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let holder = |name: &str| -> PersonId { id(name) };
    let of = |name: &str, serial, who: &str, level, state, until: i64| {
        let mut record = certificate(name, serial);
        record.certificate.holder = holder(who);
        record.certificate.level = level;
        record.certificate.state = state;
        record.certificate.evidence_until = Some(Timestamp::from_micros(until));
        record
    };
    let verified = CertificateState::Verified;
    let records = vec![
        of("a", 1, "p1", Level::Three, verified, 100),
        of("b", 2, "p1", Level::Three, verified, 200),
        of("c", 3, "p2", Level::Three, CertificateState::Suspended, 200),
        of("d", 4, "p3", Level::One, verified, 200),
        of("e", 5, "p4", Level::One, CertificateState::Revoked, 200),
        of("f", 6, "p5", Level::One, CertificateState::Superseded, 200),
    ];
    add_batch(&store, rolls::import("i1"), records).await.unwrap();
    let group = |level, state, certificates, in_force| CertificateGroup {
        standard: id("internet-marketer-2021"),
        job_type: entry(1).job_type,
        level,
        state,
        certificates,
        in_force,
    };
    let expected = IssuerImpact {
        groups: vec![
            group(Level::Three, verified, 2, 1),
            group(Level::Three, CertificateState::Suspended, 1, 0),
            group(Level::One, verified, 1, 1),
        ],
        holders: 3,
    };
    assert_eq!(store.impact(&id("north"), Timestamp::from_micros(100)).await.unwrap(), expected);
    let none = store.impact(&id("south"), AT).await.unwrap();
    assert_eq!(none, IssuerImpact::default());
}
