//! Leases that end early, and renewals on old news.

use crate::fakes::Line;
use crate::sessions::{get, renew, states};
use crate::town::{Town, reason, sessions};
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::{instant, timestamp};
use std::time::Duration;
use tonic::Code;
use tonic_types::StatusExt as _;

fn lease(session: &LiveSession) -> Timestamp {
    instant(session.lease_until_time.as_ref().unwrap()).unwrap()
}

fn in_seconds(town: &Town, seconds: u64) -> Timestamp {
    town.clock.now().plus(Duration::from_secs(seconds))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_marketers_evidence_running_out_takes_nobody_else_off_the_air() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    let (until, cap) = (in_seconds(&town, 9), in_seconds(&town, 20));
    let message = OpenLiveSessionRequest {
        room: "room-1".to_owned(),
        streamers: vec![mina.clone(), jun],
        at_least_revision: town.verify("mina", until),
        ..Default::default()
    };
    let opened = sessions(&replica).open_live_session(town.call("shop", message)).await.unwrap().into_inner();
    assert_eq!(lease(opened.live_session.as_ref().unwrap()), until);
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.clock.advance(Duration::from_millis(8_999));
    assert_eq!(watcher.rest().await, []);
    town.clock.advance(Duration::from_millis(1));
    let cut = watcher.next().await;
    assert_eq!((cut.r#type(), cut.commit_time), (LiveSessionEventType::MarketerCut, Some(timestamp(until))));
    assert_eq!(cut.cut_streamers, [mina]);
    let session = cut.live_session.unwrap();
    assert_eq!(states(&session), [MarketerState::Cut, MarketerState::Admitted]);
    assert_eq!((session.state(), lease(&session)), (LiveSessionState::Open, cap));
    town.clock.advance(Duration::from_secs(11));
    assert_eq!(watcher.next().await.r#type(), LiveSessionEventType::Expired);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_policy_that_everybody_meets_ends_no_session() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let (start, cap) = (in_seconds(&town, 10), in_seconds(&town, 20));
    let planned = Policy { effective_time: Some(timestamp(start)), ..town.policy() };
    let message = SetPolicyRequest { policy: Some(planned), ..Default::default() };
    crate::town::policies(&replica).set_policy(town.call("shop", message)).await.unwrap();
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    assert_eq!(lease(opened.live_session.as_ref().unwrap()), start);
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    // Told a second before, so that nobody leaves the air for an instant.
    town.clock.advance(Duration::from_secs(9));
    let renewed = watcher.next().await;
    assert_eq!((renewed.r#type(), &renewed.cut_streamers), (LiveSessionEventType::Renewed, &vec![]));
    let session = renewed.live_session.unwrap();
    assert_eq!(states(&session), [MarketerState::Admitted]);
    assert_eq!((session.state(), lease(&session)), (LiveSessionState::Open, cap));
    assert_eq!(session.roster.first().unwrap().decision.as_ref().unwrap().policy_revision_number, 2);
    town.clock.advance(Duration::from_secs(1));
    assert_eq!(watcher.rest().await, []);
    let renewed = renew(&town, &replica, &session, session.fence).await.unwrap();
    assert_eq!(lease(&renewed), in_seconds(&town, 20));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_policy_cuts_at_its_beginning_whoever_does_not_meet_it() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let start = in_seconds(&town, 10);
    let stricter = Policy {
        effective_time: Some(timestamp(start)),
        minimum_level: Level::Level1.into(),
        ..town.policy()
    };
    let message = SetPolicyRequest { policy: Some(stricter), ..Default::default() };
    crate::town::policies(&replica).set_policy(town.call("shop", message)).await.unwrap();
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.clock.advance(Duration::from_micros(9_999_999));
    assert_eq!(watcher.rest().await, []);
    town.clock.advance(Duration::from_micros(1));
    let cut = watcher.next().await;
    assert_eq!((cut.cut_streamers, cut.commit_time), (vec![mina], Some(timestamp(start))));
    assert_eq!(cut.live_session.unwrap().state(), LiveSessionState::Ended);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_news_alone_cut_nobody_and_let_nobody_on_air() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.others.certification.set(Line::Cut);
    town.clock.advance(Duration::from_secs(15));
    let session = opened.live_session.unwrap();
    let renewed = renew(&town, &replica, &session, session.fence).await.unwrap();
    let cap = in_seconds(&town, 20);
    assert_eq!(lease(&renewed), in_seconds(&town, 15));
    assert_eq!(watcher.next().await.r#type(), LiveSessionEventType::Renewed);
    // The lease has run out with the news; what becomes of the session is open until its cap.
    town.clock.advance(Duration::from_secs(15));
    for refused in [
        renew(&town, &replica, &renewed, renewed.fence).await.unwrap_err(),
        town.open(&replica, "shop", &[&mina]).await.unwrap_err(),
    ] {
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::Unavailable, "DEPENDENCY_UNAVAILABLE")
        );
        assert!(refused.get_details_retry_info().is_some());
    }
    assert_eq!(get(&town, &replica, "shop", &session.name).await.unwrap(), renewed);
    assert_eq!(watcher.rest().await, []);
    town.others.certification.set(Line::Open);
    town.hear(&replica, &mina).await;
    town.clock.advance(Duration::from_secs(1));
    let extended = watcher.next().await;
    assert_eq!(extended.r#type(), LiveSessionEventType::Renewed);
    assert_eq!(lease(&extended.live_session.unwrap()), cap);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_news_a_session_expires_at_its_cap() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    town.others.certification.set(Line::Cut);
    town.clock.advance(Duration::from_secs(15));
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    assert_eq!(lease(opened.live_session.as_ref().unwrap()), in_seconds(&town, 15));
    town.clock.advance(Duration::from_secs(19));
    assert_eq!(watcher.rest().await, []);
    town.clock.advance(Duration::from_secs(1));
    assert_eq!(watcher.next().await.r#type(), LiveSessionEventType::Expired);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_has_only_just_begun_ends_no_session_of_another() {
    let town = Town::new().await;
    let left = town.start().await;
    let mina = town.certified(&left, "shop", "mina").await;
    let session = town.open(&left, "shop", &[&mina]).await.unwrap().live_session.unwrap();
    town.others.certification.set(Line::Cut);
    let right = town.launch().await;
    let refused = renew(&town, &right, &session, session.fence).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unavailable, "DEPENDENCY_UNAVAILABLE"));
    let renewed = renew(&town, &left, &session, session.fence).await.unwrap();
    assert_eq!(states(&renewed), [MarketerState::Admitted]);
    right.stop().await;
    left.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_session_keeps_no_other_on_air() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let damaged = town.open(&replica, "shop", &[&mina]).await.unwrap().live_session.unwrap();
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let sound = opened.live_session.unwrap();
    let id = damaged.name.strip_prefix("liveSessions/").unwrap();
    town.forge(&format!("UPDATE live_sessions SET record = x'FF' WHERE id = '{id}'")).await;
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.revoke("mina");
    let cut = watcher.next().await;
    assert_eq!((cut.live_session.unwrap().name, cut.cut_streamers), (sound.name, vec![mina]));
    replica.stop().await;
    // Nor does it keep the registry from starting.
    town.start().await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_the_revision_it_rested_on_however_often_it_is_given() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let message = OpenLiveSessionRequest {
        room: "room-1".to_owned(),
        streamers: vec![mina],
        request_id: "3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e10".to_owned(),
        ..Default::default()
    };
    let open = async || sessions(&replica).open_live_session(town.call("shop", message.clone())).await;
    let first = open().await.unwrap().into_inner();
    town.proven(&replica, "jun").await;
    let again = open().await.unwrap().into_inner();
    assert_eq!(again, first);
    let session = first.live_session.unwrap();
    let message = RenewLiveSessionRequest {
        name: session.name,
        fence: session.fence,
        request_id: "3f2c1a9e-8a4b-4c1d-9a51-0d6c2f1b7e11".to_owned(),
    };
    let renew = async || sessions(&replica).renew_live_session(town.call("shop", message.clone())).await;
    let first = renew().await.unwrap().into_inner();
    town.proven(&replica, "lan").await;
    assert_eq!(renew().await.unwrap().into_inner(), first);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_news_is_decided_at_the_instant_they_came() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    town.others.certification.set(Line::Cut);
    let until = in_seconds(&town, 1_000);
    let fact = town.certificate("mina", CERTIFIED, until);
    let message = OpenLiveSessionRequest {
        room: "room-1".to_owned(),
        streamers: vec![mina],
        at_least_revision: town.others.certification.keep(fact),
        ..Default::default()
    };
    let mut client = sessions(&replica);
    let opening = client.open_live_session(town.call("shop", message));
    let news = async {
        town.clock.advance(Duration::from_secs(9));
        town.others.certification.set(Line::Open);
    };
    let (opened, ()) = tokio::join!(opening, news);
    let session = opened.unwrap().into_inner().live_session.unwrap();
    assert_eq!(session.create_time, Some(timestamp(town.clock.now())));
    assert_eq!(lease(&session), in_seconds(&town, 20));
    replica.stop().await;
}

const CERTIFIED: greenroom_proto::certification::v1::CertificateState =
    greenroom_proto::certification::v1::CertificateState::Verified;
