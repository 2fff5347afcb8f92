//! Persons of sixteen and seventeen, and documents that end.

use crate::town::{Replica, Town, codes, sessions};
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::identity::v1::{AgeBand, GuardianConsent, PersonFact, identity_fact};
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::{instant, timestamp};
use std::time::Duration;

/// What identity says of somebody who turns eighteen at `until`.
fn young(town: &Town, until: Timestamp, consent: GuardianConsent) -> PersonFact {
    PersonFact {
        age_band: AgeBand::From16To17.into(),
        age_band_until_time: Some(timestamp(until)),
        guardian_consent: consent.into(),
        guardian_consent_since_time: Some(timestamp(town.clock.now())),
        ..town.proof("mina")
    }
}

/// A session of one streamer, opened on news that include `at_least_revision`.
async fn open(
    town: &Town,
    replica: &Replica,
    streamer: &str,
    at_least_revision: String,
) -> OpenLiveSessionResponse {
    let message = OpenLiveSessionRequest {
        room: "room-1".to_owned(),
        streamers: vec![streamer.to_owned()],
        at_least_revision,
        ..Default::default()
    };
    sessions(replica).open_live_session(town.call("shop", message)).await.unwrap().into_inner()
}

fn is_denied_for_want_of_consent(decision: &Decision) {
    assert_eq!((decision.outcome(), codes(decision)), (Outcome::Deny, vec!["GUARDIAN_CONSENT_MISSING"]));
    let reason = decision.reasons.first().unwrap();
    assert_eq!(reason.kind(), ReasonKind::Legal);
    assert!(reason.basis.as_ref().unwrap().en.contains("Protection of Minors, art. 76"), "{reason:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_sixteen_a_guardians_standing_word_is_what_allows() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let until = town.in_hours(1_000);
    for (consent, allowed) in [
        (GuardianConsent::NotRecorded, false),
        (GuardianConsent::Given, true),
        (GuardianConsent::Withdrawn, false),
        (GuardianConsent::Given, true),
        (GuardianConsent::Unspecified, false),
    ] {
        let decision = town.check_with(&replica, &mina, young(&town, until, consent)).await;
        if allowed {
            assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", codes(&decision));
        } else {
            is_denied_for_want_of_consent(&decision);
        }
    }
    let unknown = PersonFact { guardian_consent: 99, ..young(&town, until, GuardianConsent::Given) };
    is_denied_for_want_of_consent(&town.check_with(&replica, &mina, unknown).await);
    replica.stop().await;
    let replica = town.start().await;
    is_denied_for_want_of_consent(&town.check_now(&replica, "shop", &mina).await);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_withdrawn_on_air_cuts_the_marketer() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let until = town.in_hours(1_000);
    let given = young(&town, until, GuardianConsent::Given);
    let given = town.others.identity.tell(identity_fact::Fact::Person(given));
    let opened = open(&town, &replica, &mina, given).await;
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    let withdrawn = young(&town, until, GuardianConsent::Withdrawn);
    town.others.identity.tell(identity_fact::Fact::Person(withdrawn));
    let cut = watcher.next().await;
    assert_eq!((cut.r#type(), &cut.cut_streamers), (LiveSessionEventType::MarketerCut, &vec![mina]));
    let session = cut.live_session.unwrap();
    is_denied_for_want_of_consent(session.roster.first().unwrap().decision.as_ref().unwrap());
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_eighteen_nobody_is_asked_any_more_and_no_answer_reaches_beyond() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let until = town.clock.now().plus(Duration::from_secs(9));
    let silent = young(&town, until, GuardianConsent::NotRecorded);
    let decision = town.check_with(&replica, &mina, silent).await;
    is_denied_for_want_of_consent(&decision);
    assert_eq!(instant(&decision.valid_until_time.unwrap()), Ok(until));
    town.clock.advance(Duration::from_secs(9));
    town.hear(&replica, &mina).await;
    let decision = town.check_now(&replica, "shop", &mina).await;
    assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", codes(&decision));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_ends_on_air_cuts_the_marketer_at_that_instant() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let until = town.clock.now().plus(Duration::from_secs(9));
    let said = PersonFact { document_until_time: Some(timestamp(until)), ..town.proof("mina") };
    let decision = town.check_with(&replica, &mina, said).await;
    assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", codes(&decision));
    assert_eq!(instant(&decision.valid_until_time.unwrap()), Ok(until));
    let opened = open(&town, &replica, &mina, String::new()).await;
    assert_eq!(opened.live_session.unwrap().lease_until_time, Some(timestamp(until)));
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.clock.advance(Duration::from_millis(8_999));
    assert_eq!(watcher.rest().await, []);
    town.clock.advance(Duration::from_millis(1));
    let cut = watcher.next().await;
    assert_eq!((cut.r#type(), cut.commit_time), (LiveSessionEventType::MarketerCut, Some(timestamp(until))));
    assert_eq!(cut.cut_streamers, std::slice::from_ref(&mina));
    town.hear(&replica, &mina).await;
    let decision = town.check_now(&replica, "shop", &mina).await;
    assert_eq!((decision.outcome(), codes(&decision)), (Outcome::Deny, vec!["IDENTITY_DOC_EXPIRED"]));
    assert_eq!(decision.reasons.first().unwrap().since_time, Some(timestamp(until)));
    replica.stop().await;
}
