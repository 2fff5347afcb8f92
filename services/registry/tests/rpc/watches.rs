//! Whatever happens, however often: every change that flips an outcome reaches every watcher once, in order.

use crate::town::{Town, sessions};
use greenroom_proto::registry::v1::*;
use greenroom_testkit::database::postgres;
use greenroom_testkit::eventually;

/// How many streamers there are, and how often one of them falls from grace or comes back.
const STREAMERS: usize = 3;
const FLIPS: usize = 30;

type Happened = (GrantEventType, String);

async fn every_flip_is_told_once_and_in_order(town: Town) {
    let (left, right) = (town.start().await, town.start().await);
    let mut grants = Vec::new();
    for number in 0..STREAMERS {
        let name = format!("streamer-{number}");
        let streamer = town.certified(&left, "shop", &name).await;
        grants.push((name, town.grant(&left, &streamer).await.0.name));
    }
    let begin = town.grants(&left, ListGrantsRequest::default()).await.watch_cursor;
    let mut steady = town.watch_grants_from(&right, &begin).await;
    let (mut fickle, mut heard_by_fickle) = (town.watch_grants_from(&left, &begin).await, Vec::new());
    let (mut good, mut expected): (_, Vec<Happened>) = ([true; STREAMERS], Vec::new());
    let mut dice = 7_usize;
    for flip in 0..FLIPS {
        dice = dice.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
        let who = (dice >> 33) % STREAMERS;
        let (name, grant) = &grants[who];
        good[who] = !good[who];
        let (event, state) = if good[who] {
            town.verify(name, town.in_hours(1_000));
            (GrantEventType::Resumed, GrantState::Granted)
        } else {
            town.revoke(name);
            (GrantEventType::Suspended, GrantState::Suspended)
        };
        expected.push((event, grant.clone()));
        eventually("the grant follows", async || {
            (town.get_grant(&right, grant).await.unwrap().state() == state).then_some(())
        })
        .await;
        // One of them comes and goes, now here, now there, and goes on where it was.
        if flip % 5 == 4 {
            while heard_by_fickle.len() < expected.len() {
                heard_by_fickle.push(fickle.happened().await);
            }
            let replica = if flip % 2 == 0 { &right } else { &left };
            fickle = town.watch_grants_from(replica, &fickle.cursor).await;
        }
    }
    let head = town.grants(&left, ListGrantsRequest::default()).await.watch_cursor;
    let told = |events: Vec<GrantEvent>| -> Vec<Happened> {
        events.into_iter().map(|event| (event.r#type(), event.grant.unwrap().name)).collect()
    };
    assert_eq!(told(steady.rest(&head).await), expected);
    heard_by_fickle.extend(told(fickle.rest(&head).await));
    assert_eq!(heard_by_fickle, expected);
    let mut late = town.watch_grants_from(&left, &begin).await;
    assert_eq!(told(late.rest(&head).await), expected);
    left.stop().await;
    right.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flip_is_told_once_and_in_order_on_sqlite() {
    Box::pin(every_flip_is_told_once_and_in_order(Town::new().await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flip_is_told_once_and_in_order_on_postgresql() {
    Box::pin(every_flip_is_told_once_and_in_order(Town::on(postgres().await).await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_of_sessions_can_be_of_one_streamer() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    let watch = async |streamer: &str| {
        let request = WatchLiveSessionsRequest { streamer: streamer.to_owned(), ..Default::default() };
        sessions(&replica).watch_live_sessions(town.call("shop", request)).await
    };
    let mut watched = watch(&jun).await.unwrap().into_inner();
    watched.message().await.unwrap();
    town.open(&replica, "shop", &[&mina]).await.unwrap();
    let both = town.open(&replica, "shop", &[&mina, &jun]).await.unwrap().live_session.unwrap();
    let heard = loop {
        let message = watched.message().await.unwrap().unwrap();
        if let Some(event) = message.events.into_iter().next() {
            break event.live_session.unwrap();
        }
    };
    assert_eq!(heard, both);
    let refused = watch("streamers/nobody").await.unwrap_err();
    assert_eq!(crate::town::reason(&refused), "STREAMER_NOT_FOUND");
    replica.stop().await;
}
