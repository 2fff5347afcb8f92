//! Accounts that change their name or hands, lists of them, and what their levels were.

use crate::town::{Replica, Town, codes, reason, streamers};
use crate::town_operators::{STUDIO, fields, sorted, with_agency};
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::time::Duration;
use tonic::{Code, Status};

async fn rename(town: &Town, replica: &Replica, name: &str, account: &str) -> Result<Streamer, Status> {
    let streamer = Streamer { name: name.to_owned(), account: account.to_owned(), ..Default::default() };
    let message = UpdateStreamerRequest { streamer: Some(streamer), ..Default::default() };
    let answer = streamers(replica).update_streamer(town.call("shop", message)).await?;
    Ok(answer.into_inner().streamer.unwrap())
}

async fn rebind(town: &Town, replica: &Replica, name: &str, person: &str) -> Result<Streamer, Status> {
    let message = RebindStreamerRequest {
        name: name.to_owned(),
        person: format!("persons/{person}"),
        ..Default::default()
    };
    let answer = streamers(replica).rebind_streamer(town.call("shop", message)).await?;
    Ok(answer.into_inner().streamer.unwrap())
}

async fn list(town: &Town, replica: &Replica, message: ListStreamersRequest) -> Vec<String> {
    let answer = streamers(replica).list_streamers(town.call("shop", message)).await.unwrap();
    sorted(answer.into_inner().streamers.into_iter().map(|one| one.account))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_takes_another_name_and_leaves_the_old_one_free() {
    let town = Town::new().await;
    let replica = town.start().await;
    for name in ["mina", "jun"] {
        town.person("shop", name);
    }
    let mina = town.enrol(&replica, "shop", "mina").await.unwrap();
    let renamed = rename(&town, &replica, &mina.name, "stage").await.unwrap();
    assert_eq!((renamed.account.as_str(), &renamed.person), ("stage", &mina.person));
    assert_ne!(renamed.etag, mina.etag);
    let jun = Streamer {
        account: "room-of-mina".to_owned(),
        person: "persons/jun".to_owned(),
        ..Default::default()
    };
    let message = EnrolStreamerRequest { streamer: Some(jun), ..Default::default() };
    let jun = streamers(&replica).enrol_streamer(town.call("shop", message)).await.unwrap().into_inner();
    let jun = jun.streamer.unwrap();
    let taken = rename(&town, &replica, &jun.name, "stage").await.unwrap_err();
    assert_eq!((taken.code(), reason(&taken).as_str()), (Code::AlreadyExists, "ACCOUNT_ENROLLED"));
    assert_eq!(fields(&rename(&town, &replica, &jun.name, " ").await.unwrap_err()), ["streamer.account"]);
    let message = UpdateStreamerRequest {
        streamer: Some(Streamer { person: mina.person, ..jun.clone() }),
        update_mask: Some(prost_types::FieldMask { paths: vec!["person".to_owned()] }),
        ..Default::default()
    };
    let refused = streamers(&replica).update_streamer(town.call("shop", message)).await.unwrap_err();
    assert_eq!(fields(&refused), ["update_mask.paths[0]"]);
    let stale = UpdateStreamerRequest { streamer: Some(jun), etag: "\"8\"".to_owned(), ..Default::default() };
    let refused = streamers(&replica).update_streamer(town.call("shop", stale)).await.unwrap_err();
    assert_eq!(reason(&refused), "ETAG_MISMATCH");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_changes_hands_is_decided_by_the_person_who_comes() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let studio = town.operator(&replica, STUDIO).await.name;
    let engaged = town.engaged(&replica, &mina, &studio).await;
    let opened = town.open(&replica, "shop", &[&mina]).await.unwrap();
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    town.person("shop", "jun");
    town.clock.advance(Duration::from_secs(1));
    let rebound = rebind(&town, &replica, &mina, "jun").await.unwrap();
    assert_eq!((rebound.name.as_str(), rebound.person.as_str()), (mina.as_str(), "persons/jun"));
    let cut = watcher.next().await;
    assert_eq!(cut.cut_streamers, std::slice::from_ref(&mina));
    let roster = cut.live_session.unwrap().roster;
    let decision = roster.first().unwrap().decision.clone().unwrap();
    assert!(codes(&decision).contains(&"LEVEL_NOT_HELD"), "{:?}", codes(&decision));
    // The engagement was the other person's.
    assert_eq!(town.streamer(&replica, &mina).await.room_operators, Vec::<String>::new());
    let message = EndEngagementRequest { name: engaged.name, ..Default::default() };
    assert_eq!(reason(&town.end(&replica, message).await.unwrap_err()), "ENGAGEMENT_ENDED");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_the_person_before_no_longer_touch_the_account() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    rebind(&town, &replica, &mina, "jun").await.unwrap();
    let before = [
        town.check_now(&replica, "shop", &mina).await.outcome(),
        town.check_now(&replica, "shop", &jun).await.outcome(),
    ];
    assert_eq!(before, [Outcome::Allow, Outcome::Allow]);
    let at_least_revision = town.revoke("mina");
    let request = CheckPermissionRequest { streamer: mina.clone(), at_least_revision, ..Default::default() };
    assert_eq!(town.check(&replica, "shop", request).await.unwrap().outcome(), Outcome::Allow);
    let at_least_revision = town.revoke("jun");
    let request = CheckPermissionRequest { streamer: mina, at_least_revision, ..Default::default() };
    assert_eq!(codes(&town.check(&replica, "shop", request).await.unwrap()), ["CERT_REVOKED"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_goes_to_another_person_that_the_platform_knows() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let mina = town.enrol(&replica, "shop", "mina").await.unwrap().name;
    assert_eq!(fields(&rebind(&town, &replica, &mina, "mina").await.unwrap_err()), ["person"]);
    assert_eq!(reason(&rebind(&town, &replica, &mina, "nobody").await.unwrap_err()), "PERSON_NOT_FOUND");
    town.person("shop", "jun");
    let message = WithdrawStreamerRequest { name: mina.clone(), ..Default::default() };
    streamers(&replica).withdraw_streamer(town.call("shop", message)).await.unwrap();
    assert_eq!(reason(&rebind(&town, &replica, &mina, "jun").await.unwrap_err()), "STREAMER_WITHDRAWN");
    assert_eq!(reason(&rename(&town, &replica, &mina, "stage").await.unwrap_err()), "STREAMER_WITHDRAWN");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streamers_are_listed_by_state_person_account_and_whom_they_work_with() {
    let town = Town::new().await;
    let replica = town.start().await;
    for name in ["mina", "jun", "lan"] {
        town.person("shop", name);
        town.enrol(&replica, "shop", name).await.unwrap();
    }
    let second =
        Streamer { account: "stage".to_owned(), person: "persons/mina".to_owned(), ..Default::default() };
    let message = EnrolStreamerRequest { streamer: Some(second), ..Default::default() };
    streamers(&replica).enrol_streamer(town.call("shop", message)).await.unwrap();
    let all = ListStreamersRequest::default;
    let message = ListStreamersRequest { account: "room-of-jun".to_owned(), ..all() };
    let found = streamers(&replica).list_streamers(town.call("shop", message.clone())).await.unwrap();
    let jun = found.into_inner().streamers.first().unwrap().name.clone();
    assert_eq!(list(&town, &replica, message).await, ["room-of-jun"]);
    let of_mina = ListStreamersRequest { person: "persons/mina".to_owned(), ..all() };
    assert_eq!(list(&town, &replica, of_mina.clone()).await, ["room-of-mina", "stage"]);
    let rooms = ListStreamersRequest { account_prefix: "room-of-".to_owned(), ..all() };
    assert_eq!(list(&town, &replica, rooms.clone()).await.len(), 3);
    let studio = town.operator(&replica, STUDIO).await.name;
    town.engaged(&replica, &jun, &studio).await;
    let suite = agency::Agency::Organization("organizations/mcn".to_owned());
    town.engage(&replica, with_agency(&jun, suite)).await.unwrap();
    let there = ListStreamersRequest { room_operator: studio, ..all() };
    assert_eq!(list(&town, &replica, there.clone()).await, ["room-of-jun"]);
    let both = ListStreamersRequest { agency: "organizations/mcn".to_owned(), ..there.clone() };
    assert_eq!(list(&town, &replica, both).await, ["room-of-jun"]);
    let other = ListStreamersRequest { agency: "organizations/other".to_owned(), ..there.clone() };
    assert_eq!(list(&town, &replica, other).await, Vec::<String>::new());
    let message = WithdrawStreamerRequest { name: jun, ..Default::default() };
    streamers(&replica).withdraw_streamer(town.call("shop", message)).await.unwrap();
    let gone = ListStreamersRequest { state: StreamerState::Withdrawn.into(), ..all() };
    assert_eq!(list(&town, &replica, gone).await, ["room-of-jun"]);
    let still = ListStreamersRequest { state: StreamerState::Enrolled.into(), ..there };
    assert_eq!(list(&town, &replica, still).await, Vec::<String>::new());
    let wrong = ListStreamersRequest {
        state: 9,
        person: "mina".to_owned(),
        agency: "91350100M000100Y44".to_owned(),
        ..all()
    };
    let refused = streamers(&replica).list_streamers(town.call("shop", wrong)).await.unwrap_err();
    assert_eq!(fields(&refused), ["state", "person", "agency"]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_filtered_list_meet_everybody_once_while_others_enrol() {
    let town = Town::new().await;
    let replica = town.start().await;
    for name in ["a", "b", "c"] {
        town.person("shop", name);
        town.enrol(&replica, "shop", name).await.unwrap();
    }
    let mut message =
        ListStreamersRequest { account_prefix: "room-of-".to_owned(), page_size: 1, ..Default::default() };
    let mut seen = Vec::new();
    loop {
        let call = town.call("shop", message.clone());
        let page = streamers(&replica).list_streamers(call).await.unwrap().into_inner();
        seen.extend(page.streamers.into_iter().map(|one| one.account));
        let other = Streamer {
            account: format!("stage-{}", seen.len()),
            person: "persons/a".to_owned(),
            ..Default::default()
        };
        let enrolment = EnrolStreamerRequest { streamer: Some(other), ..Default::default() };
        streamers(&replica).enrol_streamer(town.call("shop", enrolment)).await.unwrap();
        if page.next_page_token.is_empty() {
            break;
        }
        message.page_token = page.next_page_token;
    }
    assert_eq!(sorted(seen), ["room-of-a", "room-of-b", "room-of-c"]);
    message.account_prefix = "stage".to_owned();
    let wrong = streamers(&replica).list_streamers(town.call("shop", message)).await.unwrap_err();
    assert_eq!(reason(&wrong), "PAGE_TOKEN_INVALID");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_tells_which_levels_were_held_and_when() {
    let town = Town::new().await;
    let replica = town.start().await;
    let began = timestamp(town.clock.now());
    let mina = town.certified(&replica, "shop", "mina").await;
    let levels = async |with_history| {
        let message = GetVerifiedLevelsRequest { name: mina.clone(), with_history };
        let answer = streamers(&replica).get_verified_levels(town.call("shop", message)).await.unwrap();
        answer.into_inner()
    };
    assert_eq!(levels(false).await.history, []);
    let now = levels(true).await;
    let held = now.history.first().unwrap();
    assert_eq!((now.history.len(), held.from_time, held.until_time), (1, Some(began), None));
    assert_eq!(held.verified_level.as_ref(), now.verified_levels.first());
    town.clock.advance(Duration::from_hours(3));
    let revoked = timestamp(town.clock.now());
    let at_least_revision = town.revoke("mina");
    let request = CheckPermissionRequest { streamer: mina.clone(), at_least_revision, ..Default::default() };
    town.check(&replica, "shop", request).await.unwrap();
    let after = levels(true).await;
    assert_eq!(after.verified_levels, []);
    let spans: Vec<_> = after.history.iter().map(|held| (held.from_time, held.until_time)).collect();
    assert_eq!(spans, [(Some(began), Some(revoked))]);
    replica.stop().await;
}
