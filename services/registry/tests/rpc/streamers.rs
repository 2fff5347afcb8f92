//! Streamers.

use crate::fakes::Line;
use crate::town::{Replica, Town, reason, streamers};
use greenroom_proto::registry::v1::*;
use tonic::{Code, Status};
use uuid::Uuid;

fn enrolment(name: &str, request_id: &str) -> EnrolStreamerRequest {
    let streamer = Streamer {
        account: format!("room-of-{name}"),
        person: format!("persons/{name}"),
        ..Default::default()
    };
    EnrolStreamerRequest { streamer: Some(streamer), request_id: request_id.to_owned(), ..Default::default() }
}

async fn enrol(
    town: &Town,
    replica: &Replica,
    message: EnrolStreamerRequest,
) -> Result<EnrolStreamerResponse, Status> {
    Ok(streamers(replica).enrol_streamer(town.call("shop", message)).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_gives_the_same_answer_and_another_body_is_refused() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    town.person("shop", "jun");
    let id = Uuid::new_v4().to_string();
    let first = enrol(&town, &replica, enrolment("mina", &id)).await.unwrap();
    let again = enrol(&town, &replica, enrolment("mina", &id)).await.unwrap();
    assert_eq!(first, again);
    let reused = enrol(&town, &replica, enrolment("jun", &id)).await.unwrap_err();
    assert_eq!((reused.code(), reason(&reused).as_str()), (Code::InvalidArgument, "REQUEST_ID_REUSED"));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_bound_once() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let first = enrol(&town, &replica, enrolment("mina", "")).await.unwrap().streamer.unwrap();
    let taken = enrol(&town, &replica, enrolment("mina", "")).await.unwrap_err();
    assert_eq!((taken.code(), reason(&taken).as_str()), (Code::AlreadyExists, "ACCOUNT_ENROLLED"));
    assert!(taken.message().contains(first.name.trim_start_matches("streamers/")));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_the_platform_does_not_know_cannot_be_enrolled() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("rival", "mina");
    let unknown = enrol(&town, &replica, enrolment("mina", "")).await.unwrap_err();
    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "PERSON_NOT_FOUND"));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_stored_while_the_identity_service_is_away() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    town.others.identity.set(Line::Cut);
    let away = enrol(&town, &replica, enrolment("mina", "")).await.unwrap_err();
    assert_eq!((away.code(), reason(&away).as_str()), (Code::Unavailable, "DEPENDENCY_UNAVAILABLE"));
    town.others.identity.set(Line::Open);
    enrol(&town, &replica, enrolment("mina", "")).await.unwrap();
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_sees_the_person_under_its_own_name_only() {
    let town = Town::new().await;
    let replica = town.start().await;
    let mina = town.certified(&replica, "shop", "mina").await;
    let message = GetStreamerRequest { name: mina.clone() };
    let streamer = streamers(&replica).get_streamer(town.call("shop", message.clone())).await.unwrap();
    assert_eq!(streamer.into_inner().streamer.unwrap().person, "persons/mina");
    let hidden = streamers(&replica).get_streamer(town.call("rival", message)).await.unwrap_err();
    assert_eq!(reason(&hidden), "STREAMER_NOT_FOUND");
    let message = GetVerifiedLevelsRequest { name: mina, ..Default::default() };
    let levels =
        streamers(&replica).get_verified_levels(town.call("shop", message)).await.unwrap().into_inner();
    let cells: Vec<(&str, Level)> =
        levels.verified_levels.iter().map(|held| (held.job_type.as_str(), held.level())).collect();
    assert_eq!(cells, [("live-salesperson", Level::Level3)]);
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_streamer_stays_withdrawn() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let mina = enrol(&town, &replica, enrolment("mina", "")).await.unwrap().streamer.unwrap();
    let withdraw = |etag: &str| {
        let message =
            WithdrawStreamerRequest { name: mina.name.clone(), etag: etag.to_owned(), ..Default::default() };
        let call = town.call("shop", message);
        let mut client = streamers(&replica);
        async move { client.withdraw_streamer(call).await }
    };
    assert_eq!(reason(&withdraw("\"9\"").await.unwrap_err()), "ETAG_MISMATCH");
    let withdrawn = withdraw(&mina.etag).await.unwrap().into_inner().streamer.unwrap();
    assert_eq!(withdrawn.state(), StreamerState::Withdrawn);
    assert_ne!(withdrawn.etag, mina.etag);
    assert_eq!(reason(&withdraw("").await.unwrap_err()), "STREAMER_WITHDRAWN");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn validation_alone_stores_nothing() {
    let town = Town::new().await;
    let replica = town.start().await;
    town.person("shop", "mina");
    let only = EnrolStreamerRequest { validate_only: true, ..enrolment("mina", "") };
    let answer = enrol(&town, &replica, only).await.unwrap();
    assert!(answer.revision.is_empty());
    let message = ListStreamersRequest::default();
    let listed = streamers(&replica).list_streamers(town.call("shop", message)).await.unwrap();
    assert_eq!(listed.into_inner().streamers, []);
    replica.stop().await;
}
