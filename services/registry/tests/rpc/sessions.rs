//! Live sessions.

use crate::town::{Replica, Town, codes, reason, sessions};
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::{instant, timestamp};
use std::time::Duration;
use tonic::{Code, Status};

pub async fn renew(
    town: &Town,
    replica: &Replica,
    session: &LiveSession,
    fence: i64,
) -> Result<LiveSession, Status> {
    let message = RenewLiveSessionRequest { name: session.name.clone(), fence, ..Default::default() };
    let answer = sessions(replica).renew_live_session(town.call("shop", message)).await?;
    Ok(answer.into_inner().live_session.unwrap())
}

pub async fn get(town: &Town, replica: &Replica, platform: &str, name: &str) -> Result<LiveSession, Status> {
    let message = GetLiveSessionRequest { name: name.to_owned() };
    let answer = sessions(replica).get_live_session(town.call(platform, message)).await?;
    Ok(answer.into_inner().live_session.unwrap())
}

pub fn states(session: &LiveSession) -> Vec<MarketerState> {
    session.roster.iter().map(Marketer::state).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_cuts_the_marketer_once_and_says_why() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    let opened = town.open(&replica, "shop", &[&mina, &jun]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.revoke("mina");
    let cut = watcher.next().await;
    assert_eq!(cut.r#type(), LiveSessionEventType::MarketerCut);
    assert_eq!(cut.cut_streamers, [mina]);
    let session = cut.live_session.unwrap();
    assert_eq!(states(&session), [MarketerState::Cut, MarketerState::Admitted]);
    assert_eq!(codes(session.roster.first().unwrap().decision.as_ref().unwrap()), ["CERT_REVOKED"]);
    assert_eq!(session.state(), LiveSessionState::Open);
    town.revoke("jun");
    let cut = watcher.next().await;
    assert_eq!(cut.cut_streamers, [jun]);
    assert_eq!(cut.live_session.unwrap().state(), LiveSessionState::Ended);
    assert_eq!(watcher.rest().await, []);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_nobody_may_sell_in_has_ended_before_it_began() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let at_least_revision = town.revoke("mina");
    let message = OpenLiveSessionRequest {
        room: "room-1".to_owned(),
        streamers: vec![mina],
        at_least_revision,
        ..Default::default()
    };
    let answer = sessions(&replica).open_live_session(town.call("shop", message)).await.unwrap();
    let session = answer.into_inner().live_session.unwrap();
    assert_eq!(session.state(), LiveSessionState::Ended);
    assert_eq!(states(&session), [MarketerState::Refused]);
    assert_eq!(session.lease_until_time, None);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_ends_at_its_instant_and_not_before() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let session = opened.live_session.unwrap();
    let until = instant(session.lease_until_time.as_ref().unwrap()).unwrap();
    assert_eq!(until, town.clock.now().plus(Duration::from_secs(20)));
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.clock.advance(Duration::from_micros(19_999_999));
    assert_eq!(watcher.rest().await, []);
    assert_eq!(get(&town, &replica, "shop", &session.name).await.unwrap().state(), LiveSessionState::Open);
    town.clock.advance(Duration::from_micros(1));
    let expired = watcher.next().await;
    assert_eq!(expired.r#type(), LiveSessionEventType::Expired);
    assert_eq!(expired.commit_time, Some(timestamp(until)));
    let late = renew(&town, &replica, &session, session.fence).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::FailedPrecondition, "LIVE_SESSION_NOT_OPEN"));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_lease_runs_on() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    let mut session = opened.live_session.unwrap();
    for _ in 0..5 {
        // The news stay fresh enough between two leaps of the clock: a check waits for that.
        town.clock.advance(Duration::from_secs(12));
        town.hear(&replica, &mina).await;
        session = renew(&town, &replica, &session, session.fence).await.unwrap();
    }
    assert_eq!(session.state(), LiveSessionState::Open);
    let events = watcher.rest().await;
    assert!(events.iter().all(|event| event.r#type() == LiveSessionEventType::Renewed));
    assert_eq!(events.len(), 5);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_by_somebody_who_missed_a_change_is_refused() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    let opened = town.open(&replica, "shop", &[&mina, &jun]).await.unwrap();
    let session = opened.live_session.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.revoke("mina");
    let cut = watcher.next().await.live_session.unwrap();
    let outdated = renew(&town, &replica, &session, session.fence).await.unwrap_err();
    assert_eq!((outdated.code(), reason(&outdated).as_str()), (Code::Aborted, "FENCE_OUTDATED"));
    let renewed = renew(&town, &replica, &session, cut.fence).await.unwrap();
    assert_eq!(states(&renewed), [MarketerState::Cut, MarketerState::Admitted]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_runs_out_on_air_cuts_the_marketer_at_that_instant() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let until = town.clock.now().plus(Duration::from_secs(9));
    let at_least_revision = town.verify("mina", until);
    let message = OpenLiveSessionRequest {
        room: "room-1".to_owned(),
        streamers: vec![mina.clone()],
        at_least_revision,
        ..Default::default()
    };
    let opened = sessions(&replica).open_live_session(town.call("shop", message)).await.unwrap().into_inner();
    let lease = opened.live_session.unwrap().lease_until_time;
    assert_eq!(lease, Some(timestamp(until)));
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.clock.advance(Duration::from_secs(9));
    let cut = watcher.next().await;
    assert_eq!((cut.r#type(), cut.commit_time), (LiveSessionEventType::MarketerCut, Some(timestamp(until))));
    assert_eq!(cut.cut_streamers, [mina]);
    let session = cut.live_session.unwrap();
    assert_eq!(session.state(), LiveSessionState::Ended);
    let decision = session.roster.first().unwrap().decision.as_ref().unwrap();
    assert!(codes(decision).contains(&"CERT_EVIDENCE_STALE"), "{:?}", codes(decision));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn that_evidence_has_run_out_is_told_and_cuts_nobody_again_or_whom_it_does_not_concern() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    let until = town.clock.now().plus(Duration::from_secs(10));
    let near = town.verify("mina", until);
    let message =
        CheckPermissionRequest { streamer: mina.clone(), at_least_revision: near, ..Default::default() };
    town.check(&replica, "shop", message).await.unwrap();
    let opened = town.open(&replica, "shop", &[&mina, &jun]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    // Told early, by a clock that is ahead: it changes nothing before the evidence itself has run out.
    town.lapse("mina", until);
    town.hear(&replica, &mina).await;
    assert_eq!(watcher.rest().await, []);
    town.clock.advance(Duration::from_secs(10));
    let cut = watcher.next().await;
    assert_eq!(cut.cut_streamers, std::slice::from_ref(&mina));
    town.lapse("mina", until);
    town.hear(&replica, &mina).await;
    assert_eq!(watcher.rest().await, []);
    let session = get(&town, &replica, "shop", &opened.live_session.unwrap().name).await.unwrap();
    assert_eq!(states(&session), [MarketerState::Cut, MarketerState::Admitted]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_streamer_leaves_the_stream() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    let message = WithdrawStreamerRequest { name: mina, ..Default::default() };
    crate::town::streamers(&replica).withdraw_streamer(town.call("shop", message)).await.unwrap();
    let session = watcher.next().await.live_session.unwrap();
    let decision = session.roster.first().unwrap().decision.as_ref().unwrap();
    assert_eq!(codes(decision), ["STREAMER_WITHDRAWN"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stricter_policy_cuts_whoever_no_longer_meets_it() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.clock.advance(Duration::from_secs(1));
    let stricter = Policy { minimum_level: Level::Level1.into(), ..town.policy() };
    let message = SetPolicyRequest { policy: Some(stricter), ..Default::default() };
    crate::town::policies(&replica).set_policy(town.call("shop", message)).await.unwrap();
    let session = watcher.next().await.live_session.unwrap();
    let decision = session.roster.first().unwrap().decision.as_ref().unwrap();
    assert_eq!(codes(decision), ["LEVEL_TOO_LOW"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_platform_sees_neither_the_session_nor_its_events() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let mut rival = town.watch(&replica, "rival", "").await;
    let session = town.open(&replica, "shop", &[&mina]).await.unwrap().live_session.unwrap();
    let hidden = get(&town, &replica, "rival", &session.name).await.unwrap_err();
    assert_eq!((hidden.code(), reason(&hidden).as_str()), (Code::NotFound, "LIVE_SESSION_NOT_FOUND"));
    assert_eq!(rival.rest().await, []);
    let foreign = town.open(&replica, "rival", &[&mina]).await.unwrap_err();
    assert_eq!(reason(&foreign), "STREAMER_NOT_FOUND");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lists_first_and_watches_then_misses_nothing() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let message = ListLiveSessionsRequest::default();
    let listed =
        sessions(&replica).list_live_sessions(town.call("shop", message)).await.unwrap().into_inner();
    assert_eq!(listed.live_sessions, []);
    let session = town.open(&replica, "shop", &[&mina]).await.unwrap().live_session.unwrap();
    let close = CloseLiveSessionRequest { name: session.name.clone(), ..Default::default() };
    sessions(&replica).close_live_session(town.call("shop", close)).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &listed.watch_cursor).await;
    let heard = [watcher.next().await, watcher.next().await].map(|event| event.r#type());
    assert_eq!(heard, [LiveSessionEventType::Opened, LiveSessionEventType::Closed]);
    let message = ListLiveSessionsRequest { state: LiveSessionState::Closed.into(), ..Default::default() };
    let closed =
        sessions(&replica).list_live_sessions(town.call("shop", message)).await.unwrap().into_inner();
    assert_eq!(closed.live_sessions.len(), 1);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_database_is_refused_by_name() {
    let town = Town::new().await;
    let replica = town.start().await;
    let stranger = Town::new().await;
    let elsewhere = stranger.start().await;
    let message = ListLiveSessionsRequest::default();
    let listed = sessions(&elsewhere).list_live_sessions(stranger.call("shop", message)).await.unwrap();
    let cursor = listed.into_inner().watch_cursor;
    let message = WatchLiveSessionsRequest { cursor, ..Default::default() };
    let refused = sessions(&replica).watch_live_sessions(town.call("shop", message)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::OutOfRange, "CURSOR_FOREIGN_DATABASE"));
    elsewhere.stop().await;
    replica.stop().await;
}
