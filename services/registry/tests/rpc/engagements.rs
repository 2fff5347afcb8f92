//! Engagements with room operators and agencies.

use crate::town::{Replica, Town, codes, reason, streamers};
use crate::town_operators::{
    MCN, STAGE, STUDIO, fields, food_at, operators, sorted, with_agency, with_operator,
};
use greenroom_proto::registry::v1::*;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use std::time::Duration;
use tonic::Code;

fn mcn() -> agency::Agency {
    let registered = Enterprise { registered_name: "某某传媒".to_owned(), credit_code: MCN.to_owned() };
    agency::Agency::Enterprise(registered)
}

async fn listed(town: &Town, replica: &Replica, message: ListEngagementsRequest) -> Vec<String> {
    let answer = streamers(replica).list_engagements(town.call("shop", message)).await.unwrap();
    sorted(answer.into_inner().engagements.into_iter().map(|one| one.name))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streamer_shows_its_agency_and_its_operators_while_it_works_with_them() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let mina = town.enrol(&replica, "shop", "mina").await.unwrap();
    let studio = town.operator(&replica, STUDIO).await.name;
    let stage = town.operator(&replica, STAGE).await.name;
    town.engaged(&replica, &mina.name, &studio).await;
    let later = Engagement {
        start_time: Some(timestamp(town.in_hours(1))),
        end_time: Some(timestamp(town.in_hours(2))),
        ..with_operator(&mina.name, &stage)
    };
    let planned = town.engage(&replica, later).await.unwrap();
    assert_eq!(planned.state(), EngagementState::Planned);
    town.engage(&replica, with_agency(&mina.name, mcn())).await.unwrap();
    let seen = town.streamer(&replica, &mina.name).await;
    assert_ne!(seen.etag, mina.etag);
    assert_eq!(seen.room_operators, std::slice::from_ref(&studio));
    assert_eq!(seen.agency.unwrap().agency, Some(mcn()));
    town.clock.advance(Duration::from_hours(1));
    let seen = town.streamer(&replica, &mina.name).await;
    assert_eq!(seen.room_operators, sorted([studio.clone(), stage]));
    town.clock.advance(Duration::from_hours(1));
    assert_eq!(town.streamer(&replica, &mina.name).await.room_operators, [studio]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_operator_or_two_agencies_at_one_time_are_refused() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let mina = town.enrol(&replica, "shop", "mina").await.unwrap().name;
    let studio = town.operator(&replica, STUDIO).await.name;
    let until = Some(timestamp(town.in_hours(5)));
    let first = Engagement { end_time: until, ..with_operator(&mina, &studio) };
    let first = town.engage(&replica, first).await.unwrap();
    let again = town.engage(&replica, with_operator(&mina, &studio)).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::FailedPrecondition, "ENGAGEMENT_OVERLAPS"));
    assert!(again.message().contains(first.name.trim_start_matches("engagements/")));
    let after = Engagement { start_time: until, ..with_operator(&mina, &studio) };
    town.engage(&replica, after).await.unwrap();
    town.engage(&replica, with_agency(&mina, mcn())).await.unwrap();
    let suite = agency::Agency::Organization("organizations/mcn".to_owned());
    let other = town.engage(&replica, with_agency(&mina, suite)).await.unwrap_err();
    assert_eq!(reason(&other), "ENGAGEMENT_OVERLAPS");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_engagements_sent_at_once_never_pass_each_other() {
    let town = Town::new().await;
    let (left, right) = (town.start().await, town.start().await);
    town.person("shop", "mina");
    let mina = town.enrol(&left, "shop", "mina").await.unwrap().name;
    let studio = town.operator(&left, STUDIO).await.name;
    let engage = async |replica| town.engage(replica, with_operator(&mina, &studio)).await;
    let (one, other) = tokio::join!(engage(&left), engage(&right));
    assert_eq!([&one, &other].into_iter().filter(|done| done.is_ok()).count(), 1);
    let refused = if one.is_err() { one } else { other };
    assert_eq!(reason(&refused.unwrap_err()), "ENGAGEMENT_OVERLAPS");
    let message = ListEngagementsRequest { streamer: mina, ..Default::default() };
    assert_eq!(listed(&town, &left, message).await.len(), 1);
    left.stop().await;
    right.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_an_engagement_takes_the_streamer_off_the_air() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let jun = town.certified(&replica, "shop", "jun").await;
    let studio = town.operator(&replica, STUDIO).await.name;
    let of_mina = town.engaged(&replica, &mina, &studio).await;
    let until = town.clock.now().plus(Duration::from_secs(9));
    let of_jun = Engagement { end_time: Some(timestamp(until)), ..with_operator(&jun, &studio) };
    town.engage(&replica, of_jun).await.unwrap();
    let opened = town.open_at(&replica, &[&mina, &jun], &studio).await;
    assert_eq!(opened.live_session.unwrap().lease_until_time, Some(timestamp(until)));
    let mut watcher = town.watch(&replica, "shop", &opened.watch_cursor).await;
    let message = EndEngagementRequest { name: of_mina.name.clone(), ..Default::default() };
    let ended = town.end(&replica, message.clone()).await.unwrap();
    assert_eq!(ended.state(), EngagementState::Ended);
    let cut = watcher.next().await;
    assert_eq!(cut.cut_streamers, [mina]);
    let roster = cut.live_session.unwrap().roster;
    assert_eq!(codes(roster.first().unwrap().decision.as_ref().unwrap()), ["AFFILIATION_UNPROVEN"]);
    // The other one ends by itself, at its instant.
    town.clock.advance(Duration::from_secs(9));
    let cut = watcher.next().await;
    assert_eq!((cut.cut_streamers, cut.commit_time), (vec![jun], Some(timestamp(until))));
    let again = town.end(&replica, message).await.unwrap_err();
    assert_eq!(reason(&again), "ENGAGEMENT_ENDED");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_has_to_lie_between_the_beginning_and_the_end_on_record() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let mina = town.enrol(&replica, "shop", "mina").await.unwrap().name;
    let studio = town.operator(&replica, STUDIO).await.name;
    let hours = |hours| Some(timestamp(town.in_hours(hours)));
    let backwards = Engagement { start_time: hours(2), end_time: hours(2), ..with_operator(&mina, &studio) };
    assert_eq!(fields(&town.engage(&replica, backwards).await.unwrap_err()), ["engagement.end_time"]);
    let planned = Engagement { start_time: hours(2), end_time: hours(4), ..with_operator(&mina, &studio) };
    let planned = town.engage(&replica, planned).await.unwrap();
    for end_time in [hours(1), hours(5)] {
        let message = EndEngagementRequest { name: planned.name.clone(), end_time, ..Default::default() };
        assert_eq!(fields(&town.end(&replica, message).await.unwrap_err()), ["end_time"]);
    }
    let stale =
        EndEngagementRequest { name: planned.name.clone(), etag: "\"7\"".to_owned(), ..Default::default() };
    assert_eq!(reason(&town.end(&replica, stale).await.unwrap_err()), "ETAG_MISMATCH");
    let message = EndEngagementRequest { name: planned.name.clone(), ..Default::default() };
    assert_eq!(town.end(&replica, message).await.unwrap().end_time, planned.start_time);
    // What never began stands in nobody's way.
    let instead = Engagement { start_time: hours(1), ..with_operator(&mina, &studio) };
    town.engage(&replica, instead).await.unwrap();
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_takes_part_can_be_engaged() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let mina = town.enrol(&replica, "shop", "mina").await.unwrap().name;
    let studio = town.operator(&replica, STUDIO).await.name;
    let nowhere = town.engage(&replica, with_operator(&mina, "roomOperators/nowhere")).await.unwrap_err();
    assert_eq!(reason(&nowhere), "ROOM_OPERATOR_NOT_FOUND");
    let nobody = town.engage(&replica, with_operator("streamers/nobody", &studio)).await.unwrap_err();
    assert_eq!(reason(&nobody), "STREAMER_NOT_FOUND");
    let empty = town.engage(&replica, Engagement::default()).await.unwrap_err();
    assert_eq!(fields(&empty), ["engagement.streamer", "engagement"]);
    let message = WithdrawRoomOperatorRequest { name: studio.clone(), ..Default::default() };
    operators(&replica).withdraw_room_operator(town.call("shop", message)).await.unwrap();
    let gone = town.engage(&replica, with_operator(&mina, &studio)).await.unwrap_err();
    assert_eq!(reason(&gone), "ROOM_OPERATOR_WITHDRAWN");
    let message = WithdrawStreamerRequest { name: mina.clone(), ..Default::default() };
    streamers(&replica).withdraw_streamer(town.call("shop", message)).await.unwrap();
    let gone = town.engage(&replica, with_agency(&mina, mcn())).await.unwrap_err();
    assert_eq!(reason(&gone), "STREAMER_WITHDRAWN");
    assert_eq!(
        codes(&town.check_sale(&replica, &mina, food_at(&studio)).await).first(),
        Some(&"STREAMER_WITHDRAWN")
    );
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn engagements_are_listed_by_streamer_party_and_state_in_pages() {
    let town = Town::new().await;
    let replica = town.start().await;
    for name in ["mina", "jun"] {
        town.person("shop", name);
    }
    let mina = town.enrol(&replica, "shop", "mina").await.unwrap().name;
    let jun = town.enrol(&replica, "shop", "jun").await.unwrap().name;
    let studio = town.operator(&replica, STUDIO).await.name;
    let first = town.engaged(&replica, &mina, &studio).await.name;
    let second = town.engaged(&replica, &jun, &studio).await.name;
    let third = town.engage(&replica, with_agency(&mina, mcn())).await.unwrap().name;
    town.end(&replica, EndEngagementRequest { name: first.clone(), ..Default::default() }).await.unwrap();
    let of = |message| listed(&town, &replica, message);
    let all = ListEngagementsRequest::default;
    assert_eq!(of(all()).await, sorted([first.clone(), second.clone(), third.clone()]));
    let streamer = ListEngagementsRequest { streamer: mina.clone(), ..all() };
    assert_eq!(of(streamer).await, sorted([first.clone(), third.clone()]));
    let ended = ListEngagementsRequest { state: EngagementState::Ended.into(), ..all() };
    assert_eq!(of(ended).await, std::slice::from_ref(&first));
    let with_mcn = ListEngagementsRequest { agency: MCN.to_owned(), ..all() };
    assert_eq!(of(with_mcn).await, std::slice::from_ref(&third));
    let both = ListEngagementsRequest { agency: MCN.to_owned(), room_operator: studio.clone(), ..all() };
    assert_eq!(of(both).await, Vec::<String>::new());
    let mut paged = Vec::new();
    let mut message = ListEngagementsRequest { page_size: 1, room_operator: studio, ..all() };
    loop {
        let call = town.call("shop", message.clone());
        let page = streamers(&replica).list_engagements(call).await.unwrap().into_inner();
        paged.extend(page.engagements.into_iter().map(|one| one.name));
        if page.next_page_token.is_empty() {
            break;
        }
        message.page_token = page.next_page_token;
    }
    assert_eq!(paged, sorted([first, second]));
    message.page_token = String::from("x");
    let wrong = streamers(&replica).list_engagements(town.call("shop", message)).await.unwrap_err();
    assert_eq!(reason(&wrong), "PAGE_TOKEN_INVALID");
    replica.stop().await;
}
