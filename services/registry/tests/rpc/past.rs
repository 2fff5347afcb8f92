//! Answers as of an instant in the past.

use crate::town::{Replica, Town, codes, policies, reason};
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::time::Duration;
use tonic::{Code, Status};

async fn as_of(
    town: &Town,
    replica: &Replica,
    (platform, streamer): (&str, &str),
    then: Timestamp,
    with_later_knowledge: bool,
) -> Result<Decision, Status> {
    let request = CheckPermissionRequest {
        streamer: streamer.to_owned(),
        as_of_time: Some(timestamp(then)),
        with_later_knowledge,
        ..Default::default()
    };
    town.check(replica, platform, request).await
}

/// Everything of an answer but when it ends, which rests on how fresh the feeds were.
fn timeless(decision: Decision) -> Decision {
    Decision { decide_time: None, valid_until_time: None, ..decision }
}

async fn advance(town: &Town, replica: &Replica, streamer: &str) {
    town.clock.advance(Duration::from_secs(5));
    town.hear(replica, streamer).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_the_past_is_given_again() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let allowed = (town.clock.now(), town.check_now(&replica, "shop", &mina).await);
    advance(&town, &replica, &mina).await;
    let revoked = town.revoke("mina");
    let check =
        CheckPermissionRequest { streamer: mina.clone(), at_least_revision: revoked, ..Default::default() };
    let denied = (town.clock.now(), town.check(&replica, "shop", check).await.unwrap());
    assert_eq!(codes(&denied.1), ["CERT_REVOKED"]);
    advance(&town, &replica, &mina).await;
    let stricter = Policy { minimum_level: Level::Level1.into(), ..town.policy() };
    let message = SetPolicyRequest { policy: Some(stricter), ..Default::default() };
    policies(&replica).set_policy(town.call("shop", message)).await.unwrap();
    let under_another = (town.clock.now(), town.check_now(&replica, "shop", &mina).await);
    assert_eq!(under_another.1.policy_revision_number, 2);
    advance(&town, &replica, &mina).await;
    for (then, given) in [allowed, denied, under_another] {
        let again = as_of(&town, &replica, ("shop", &mina), then, false).await.unwrap();
        assert_eq!(again.decide_time, given.decide_time);
        assert_eq!(timeless(again), timeless(given));
    }
    let now = town.check_now(&replica, "shop", &mina).await;
    let of_now = as_of(&town, &replica, ("shop", &mina), town.clock.now(), false).await.unwrap();
    assert_eq!(timeless(of_now), timeless(now));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_known_later_counts_from_when_it_was_the_case() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let enrolled = town.clock.now();
    advance(&town, &replica, &mina).await;
    let between = town.clock.now();
    advance(&town, &replica, &mina).await;
    // Identity says today that the proof was a mistake from the beginning of `between` on.
    let mistaken = greenroom_proto::identity::v1::PersonFact {
        state: greenroom_proto::identity::v1::PersonState::Mismatch.into(),
        state_since: Some(timestamp(between)),
        ..town.proof("mina")
    };
    let today = town.check_with(&replica, &mina, mistaken).await;
    assert_eq!(codes(&today), ["IDENTITY_MISMATCH"]);
    let known_then = as_of(&town, &replica, ("shop", &mina), between, false).await.unwrap();
    assert_eq!(known_then.outcome(), Outcome::Allow);
    let known_now = as_of(&town, &replica, ("shop", &mina), between, true).await.unwrap();
    assert_eq!(codes(&known_now), ["IDENTITY_MISMATCH"]);
    let before = as_of(&town, &replica, ("shop", &mina), enrolled, true).await.unwrap();
    assert_eq!(before.outcome(), Outcome::Allow);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_is_each_platforms_own_and_lies_behind() {
    let town = Town::new().await;
    let replica = town.start().await;
    let before = town.clock.now();
    town.clock.advance(Duration::from_secs(1));
    let mina = town.certified(&replica, "shop", "mina").await;
    let now = town.clock.now();
    for (platform, streamer) in [("rival", mina.as_str()), ("shop", "streamers/nobody")] {
        let refused = as_of(&town, &replica, (platform, streamer), now, false).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "STREAMER_NOT_FOUND"));
    }
    // Nobody had enrolled the streamer then.
    let refused = as_of(&town, &replica, ("shop", &mina), before, false).await.unwrap_err();
    assert_eq!(reason(&refused), "STREAMER_NOT_FOUND");
    let later = now.plus(Duration::from_mins(1));
    let refused = as_of(&town, &replica, ("shop", &mina), later, false).await.unwrap_err();
    assert_eq!(reason(&refused), "FIELDS_INVALID");
    let request = CheckPermissionRequest { streamer: mina, with_later_knowledge: true, ..Default::default() };
    let refused = town.check(&replica, "shop", request).await.unwrap_err();
    assert_eq!(reason(&refused), "FIELDS_INVALID");
    replica.stop().await;
}
