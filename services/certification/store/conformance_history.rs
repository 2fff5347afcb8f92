//! What both engines must do alike with the history of certificates, with claims and with numbers.

use crate::Store;
use crate::conformance::{AT, begun, certificate, id, write};
use crate::test_database;
use greenroom_domain::certification::port::{
    AsOf, CertificateFilter, CertificateFinding, CertificateRecord, Change, ClaimRecord, Store as _,
};
use greenroom_domain::certification::{CertificateState, IssuerClass};
use greenroom_domain::kernel::{CertificateId, Timestamp};
use greenroom_domain::ledger::StoreError;
use greenroom_feed::log::{EventLog as _, HasLog as _};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

async fn add(store: &Store, record: CertificateRecord) -> Result<(), StoreError> {
    let subject = record.certificate.id.name();
    store.commit(Change::AddCertificate(Box::new(record)), write(&subject)).await.map(|_| ())
}

/// The same certificate with another holder.
fn of_another(record: CertificateRecord, state: CertificateState) -> CertificateRecord {
    let mut other = record;
    other.certificate.holder = id("p2");
    other.certificate.state = state;
    other
}

#[tokio::test]
async fn any_point_of_a_random_history_is_told_as_a_list_of_all_versions_would() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let mut runner = TestRunner::deterministic();
    let mut kept = Vec::new();
    let histories = proptest::collection::vec((1_i64..9, -20_i64..20), 0..12);
    for round in 0..12 {
        let history = histories.new_tree(&mut runner).unwrap().current();
        let name = format!("h{round}");
        let mut record = certificate(&name, round + 1);
        let mut known = 100;
        (record.create_time, record.update_time) = (at(known), at(known));
        record.certificate.state_since = at(known);
        add(&store, record.clone()).await.unwrap();
        let mut model = vec![record.clone()];
        for (later, since) in history {
            known += later;
            record.update_time = at(known);
            record.certificate.state_since = at(known.min(110 + since));
            record.certificate.state = CertificateState::ALL[usize::try_from(known % 11).unwrap()];
            store
                .commit(Change::SaveCertificate(Box::new(record.clone()), None), write(&name))
                .await
                .unwrap();
            record.certificate.version = record.certificate.version.next();
            model.push(record.clone());
        }
        let id: CertificateId = id(&name);
        for known in 98..known + 2 {
            for effective in 85..known + 2 {
                let as_of = AsOf { known: at(known), effective: at(effective) };
                let expected = model.iter().rev().find(|version| {
                    version.update_time <= as_of.known && version.certificate.state_since <= as_of.effective
                });
                assert_eq!(store.certificate_as_of(&id, as_of).await.unwrap().as_ref(), expected);
            }
        }
        // Otherwise the next round might verify a number that is verified.
        assert_eq!(store.certificate(&id).await.unwrap().as_ref(), model.last());
        model.pop();
        kept.extend(model);
    }
    kept.sort_by_key(|record| (record.certificate.id.clone(), record.certificate.version));
    let mut read: Vec<CertificateRecord> = Vec::new();
    loop {
        let last = read.last().map(|last| (last.certificate.id.clone(), last.certificate.version.as_i64()));
        let after = last.as_ref().map_or(("", 0), |(id, version)| (id.as_str(), *version));
        let page = store.certificate_versions(after, 7).await.unwrap();
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    assert_eq!(read, kept);
}

#[tokio::test]
async fn many_may_claim_a_number_and_one_is_verified() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    add(&store, certificate("c1", 1)).await.unwrap();
    let head = store.log().head().await.unwrap();
    let taken = add(&store, certificate("c2", 1)).await;
    assert!(matches!(taken, Err(StoreError::Taken("certificate"))), "one holder, one number: {taken:?}");
    let taken = add(&store, of_another(certificate("c2", 1), CertificateState::Verified)).await;
    assert!(matches!(taken, Err(StoreError::Taken("certificate"))), "{taken:?}");
    assert_eq!(store.log().head().await.unwrap(), head);
    let claimed = of_another(certificate("c2", 1), CertificateState::FormatOk);
    add(&store, claimed.clone()).await.unwrap();
    add(&store, certificate("c3", 3)).await.unwrap();
    let number = [claimed.certificate.number.as_str().to_owned()];
    let found = store.certificates_numbered(&number).await.unwrap();
    assert_eq!(found, [certificate("c1", 1), claimed.clone()]);
    let verified = CertificateRecord {
        certificate: greenroom_domain::certification::Certificate {
            state: CertificateState::Verified,
            ..claimed.certificate.clone()
        },
        ..claimed.clone()
    };
    let lost = store.commit(Change::SaveCertificate(Box::new(verified), None), write("c2")).await;
    assert!(matches!(lost, Err(StoreError::Conflict)), "{lost:?}");
    assert_eq!(store.certificate(&id("c2")).await.unwrap(), Some(claimed.clone()));
    let shared =
        CertificateFilter { finding: Some(CertificateFinding::NumberHeldByAnother), ..Default::default() };
    let listed = store.certificates(&shared, "", 9).await.unwrap();
    assert_eq!(listed, [certificate("c1", 1), claimed.clone()]);
    let of_state = CertificateFilter { state: Some(CertificateState::FormatOk), ..shared.clone() };
    assert_eq!(store.certificates(&of_state, "", 9).await.unwrap(), [claimed]);
    let elsewhere = CertificateFilter { issuer: Some(id("south")), ..shared };
    assert!(store.certificates(&elsewhere, "", 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn claims_are_kept_once_and_show_the_certificate_to_the_claimant() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    let claim = |certificate: &str, organization: &str| ClaimRecord {
        certificate: id(certificate),
        organization: id(organization),
        claim_time: AT,
    };
    let mut foreign = certificate("c2", 2);
    foreign.certificate.issuer = id("unknown");
    let both = Change::All(vec![
        Change::AddCertificate(Box::new(foreign)),
        Change::AddClaim(claim("c2", "shop")),
        Change::AddCertificate(Box::new(certificate("c1", 1))),
        Change::AddClaim(claim("c1", "shop")),
        Change::AddClaim(claim("c1", "college")),
    ]);
    store.commit(both, write("certificates/c2")).await.unwrap();
    let again = store.commit(Change::AddClaim(claim("c1", "shop")), write("claim")).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert_eq!(store.claim(&id("c1"), &id("shop")).await.unwrap(), Some(claim("c1", "shop")));
    assert_eq!(store.claim(&id("c2"), &id("college")).await.unwrap(), None);
    let all = [claim("c1", "college"), claim("c1", "shop"), claim("c2", "shop")];
    assert_eq!(store.claims(("", ""), 9).await.unwrap(), all);
    assert_eq!(store.claims(("c1", "college"), 1).await.unwrap(), all[1..2]);
    let seen = async |organization: &str, issuer: Option<&str>, after: &str, limit| {
        let filter = CertificateFilter {
            organization: Some(id(organization)),
            issuer: issuer.map(id),
            ..CertificateFilter::default()
        };
        let found = store.certificates(&filter, after, limit).await.unwrap();
        found.into_iter().map(|record| record.certificate.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(seen("shop", None, "", 9).await, ["c1", "c2"]);
    assert_eq!(seen("shop", None, "c1", 9).await, ["c2"]);
    assert_eq!(seen("college", None, "", 9).await, ["c1"], "issued and claimed, and told once");
    assert_eq!(seen("shop", Some("unknown"), "", 9).await, ["c2"]);
    assert_eq!(seen("mall", None, "", 9).await, [""; 0]);
}

#[tokio::test]
async fn evidence_that_runs_out_is_found_in_time_and_once() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    assert_eq!(store.next_lapse().await.unwrap(), None);
    for (name, serial, until) in [("c1", 1, 30), ("c2", 2, 10), ("c3", 3, 20)] {
        let mut record = certificate(name, serial);
        record.certificate.evidence_until = Some(at(until));
        add(&store, record).await.unwrap();
    }
    assert_eq!(store.next_lapse().await.unwrap(), Some(at(10)));
    let due = async |now, limit| {
        let found = store.lapsing(at(now), limit).await.unwrap();
        found.into_iter().map(|record| record.certificate.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(due(20, 9).await, ["c2", "c3"]);
    assert_eq!(due(20, 1).await, ["c2"]);
    let mut lapsed = store.certificate(&id("c2")).await.unwrap().unwrap();
    lapsed.certificate.lapsed_at = Some(at(10));
    store.commit(Change::SaveCertificate(Box::new(lapsed), None), write("c2")).await.unwrap();
    assert_eq!(due(20, 9).await, ["c3"]);
    assert_eq!(store.next_lapse().await.unwrap(), Some(at(20)));
}

#[tokio::test]
async fn numbers_and_filed_issuers_are_found() {
    let database = test_database().await;
    let store = begun(&database.url).await;
    for (name, serial) in [("c1", 1), ("c2", 2), ("c4", 4)] {
        add(&store, certificate(name, serial)).await.unwrap();
    }
    add(&store, of_another(certificate("c5", 2), CertificateState::Claimed)).await.unwrap();
    let number = |serial: usize| certificate("x", serial).certificate.number.as_str().to_owned();
    let (first, last) = (number(1), number(999_999));
    assert_eq!(store.last_number(&first, &last).await.unwrap(), Some(number(4)));
    assert_eq!(store.last_number(&number(5), &last).await.unwrap(), None);
    assert_eq!(store.numbers(&first, &last, 9).await.unwrap(), [number(1), number(2), number(4)]);
    assert_eq!(store.numbers(&number(2), &last, 1).await.unwrap(), [number(2)]);
    let taken = Change::KeepNumberFree(number(4));
    assert!(matches!(store.commit(taken, write("x")).await, Err(StoreError::Conflict)));
    store.commit(Change::KeepNumberFree(number(5)), write("x")).await.unwrap();
    let filed = async |class, code: &str, province: &str| {
        store.issuers_filed(class, code, province, 2).await.unwrap().len()
    };
    assert_eq!(filed(IssuerClass::SocialOrganization, "0000", "33").await, 1);
    assert_eq!(filed(IssuerClass::SocialOrganization, "0000", "").await, 1);
    assert_eq!(filed(IssuerClass::SocialOrganization, "0000", "11").await, 0);
    assert_eq!(filed(IssuerClass::Employer, "0000", "33").await, 0);
}
