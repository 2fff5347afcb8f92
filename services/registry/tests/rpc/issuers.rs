//! Issuers that are struck off, and what that means for whoever sells on their certificates.

use crate::sessions::states;
use crate::town::{Town, codes};
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::certification::v1::certification_fact::Fact;
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// Lets certification strike the academy off; certificates confirmed after `begins` minutes ago pass the review.
fn strike_off(town: &Town, begins: u64, ends: u64) -> String {
    let now = town.clock.now();
    let minutes = |count| Duration::from_mins(count);
    town.others.certification.tell(Fact::Issuer(certification::IssuerFact {
        issuer: "issuers/academy".to_owned(),
        standing: certification::IssuerStanding::StruckOff.into(),
        version: town.next("academy"),
        struck_off_time: Some(timestamp(now.minus(minutes(begins)))),
        review_from_time: Some(timestamp(now.minus(minutes(begins)))),
        review_until_time: Some(timestamp(now.plus(minutes(ends)))),
        ..Default::default()
    }))
}

async fn check(town: &Town, replica: &crate::town::Replica, streamer: &str, revision: String) -> Decision {
    let request = CheckPermissionRequest {
        streamer: streamer.to_owned(),
        at_least_revision: revision,
        ..Default::default()
    };
    town.check(replica, "shop", request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strike_off_cuts_every_session_it_concerns_once() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mut streamers = Vec::new();
    for number in 0..12 {
        streamers.push(town.certified(&replica, "shop", &format!("mina-{number}")).await);
    }
    let mut opened = Vec::new();
    for pair in streamers.chunks(2) {
        let pair: Vec<&str> = pair.iter().map(String::as_str).collect();
        opened.push(town.open(&replica, "shop", &pair).await.unwrap());
    }
    let cursor = opened.last().unwrap().watch_cursor.clone();
    let mut watcher = town.watch(&replica, "shop", &cursor).await;
    town.clock.advance(Duration::from_secs(1));
    let revision = strike_off(&town, 0, 60);
    let mut cut = BTreeSet::new();
    for _ in &opened {
        let event = watcher.next().await;
        assert_eq!(event.r#type(), LiveSessionEventType::MarketerCut);
        let session = event.live_session.unwrap();
        assert_eq!(session.state(), LiveSessionState::Ended);
        assert_eq!(states(&session), [MarketerState::Cut, MarketerState::Cut]);
        let reasons = session.roster[0].decision.as_ref().unwrap();
        assert_eq!(codes(reasons), ["ISSUER_STRUCK_OFF"]);
        assert!(reasons.reasons[0].since_time.is_some() && reasons.reasons[0].until_time.is_some());
        assert!(cut.insert(session.name), "once");
    }
    // Told again with another deadline: there is nobody left to cut.
    strike_off(&town, 0, 120);
    assert_eq!(watcher.rest().await, []);
    let decision = check(&town, &replica, &streamers[0], revision).await;
    assert_eq!(codes(&decision), ["ISSUER_STRUCK_OFF"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_confirmed_since_the_strike_off_sells_on() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let noor = town.certified(&replica, "shop", "noor").await;
    town.clock.advance(Duration::from_secs(20));
    let revision = strike_off(&town, 0, 60);
    assert_eq!(check(&town, &replica, &mina, revision).await.outcome(), Outcome::Deny);
    town.clock.advance(Duration::from_secs(5));
    let confirmed = town.verify("mina", town.in_hours(1_000));
    assert_eq!(check(&town, &replica, &mina, confirmed.clone()).await.outcome(), Outcome::Allow);
    let other = check(&town, &replica, &noor, confirmed).await;
    assert_eq!(codes(&other), ["ISSUER_STRUCK_OFF"]);
    replica.stop().await;
    // The rows say the same after a restart.
    let replica = town.start().await;
    for (streamer, outcome) in [(&mina, Outcome::Allow), (&noor, Outcome::Deny)] {
        assert_eq!(check(&town, &replica, streamer, String::new()).await.outcome(), outcome);
    }
    replica.stop().await;
    let report = greenroom_registry::verify(&town.config()).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn qualifications_are_kept_and_change_no_decision_yet() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let tell = |state: certification::QualificationState| {
        town.others.certification.tell(Fact::Qualification(certification::QualificationFact {
            qualification: "qualifications/q1".to_owned(),
            holder: "persons/suite-mina".to_owned(),
            domain: "qualificationDomains/medicine".to_owned(),
            organization: "organizations/shop".to_owned(),
            state: state.into(),
            state_since_time: Some(timestamp(town.clock.now())),
            version: town.next("q1"),
            ..Default::default()
        }))
    };
    for state in [certification::QualificationState::Filed, certification::QualificationState::Lapsed] {
        let revision = tell(state);
        assert_eq!(check(&town, &replica, &mina, revision).await.outcome(), Outcome::Allow);
    }
    replica.stop().await;
    let report = greenroom_registry::verify(&town.config()).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}
