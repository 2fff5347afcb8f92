//! A room that somebody else runs: the operator is verified, the streamer belongs to it, and leaves.

use greenroom_proto::registry::v1 as registry;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::timestamp;
use greenroom_tests::{Holder, Platform, Service, Town, next_cut};
use registry::room_operator_service_client::RoomOperatorServiceClient;
use registry::streamer_service_client::StreamerServiceClient;
use registry::{LiveSessionState, OperatorCheck, Reason, ReasonCode};

fn codes(roster: &[registry::Marketer]) -> Vec<ReasonCode> {
    let decisions = roster.iter().filter_map(|marketer| marketer.decision.as_ref());
    decisions.flat_map(|decision| &decision.reasons).map(Reason::code).collect()
}

/// An individual, verified today.
async fn operator(town: &Town, platform: &Platform<'_>, person: String) -> String {
    let checks = [OperatorCheck::Registration, OperatorCheck::BusinessAddress, OperatorCheck::Contact];
    let request = registry::RegisterRoomOperatorRequest {
        room_operator: Some(registry::RoomOperator {
            party: Some(registry::room_operator::Party::Person(person)),
            tier: registry::RoomTier::Large.into(),
            ..registry::RoomOperator::default()
        }),
        verification: Some(registry::OperatorVerification {
            checks: checks.map(i32::from).to_vec(),
            verify_time: Some(timestamp(town.clock.now())),
            artefact_digest: vec![3; 32],
            ..registry::OperatorVerification::default()
        }),
        ..registry::RegisterRoomOperatorRequest::default()
    };
    let mut operators = RoomOperatorServiceClient::new(platform.to(Service::Registry));
    let answer = operators.register_room_operator(request).await.unwrap().into_inner();
    answer.room_operator.unwrap().name
}

#[tokio::test]
async fn who_leaves_the_operator_of_the_room_leaves_the_stream() {
    let town = Town::start().await;
    let suite = town.operator();
    let platform = suite.platform("acme").await.unwrap();
    let issuer = suite.issuer("east-school").await.unwrap();
    let holder = Holder::new(7, "19951001", 3);
    issuer.import(std::slice::from_ref(&holder)).await.unwrap();
    let streamer = platform.welcome("stage", &holder).await.unwrap();
    let landlord = platform.register(&Holder::new(8, "19800203", 3)).await.unwrap();
    let room_operator = operator(&town, &platform, landlord).await;

    let go_live = async || {
        let request = registry::OpenLiveSessionRequest {
            room: "room-1".to_owned(),
            streamers: vec![streamer.clone()],
            sale: Some(registry::Sale { room_operator: room_operator.clone(), ..registry::Sale::default() }),
            ..registry::OpenLiveSessionRequest::default()
        };
        platform.live_sessions().open_live_session(request).await.unwrap().into_inner()
    };
    let refused = go_live().await.live_session.unwrap();
    assert_eq!(refused.state(), LiveSessionState::Ended);
    assert_eq!(codes(&refused.roster), [ReasonCode::AffiliationUnproven]);

    let mut streamers = StreamerServiceClient::new(platform.to(Service::Registry));
    let engagement = registry::Engagement {
        streamer: streamer.clone(),
        party: Some(registry::engagement::Party::RoomOperator(room_operator.clone())),
        ..registry::Engagement::default()
    };
    let request = registry::EngageStreamerRequest {
        engagement: Some(engagement),
        ..registry::EngageStreamerRequest::default()
    };
    let engaged = streamers.engage_streamer(request).await.unwrap().into_inner().engagement.unwrap();
    let opened = go_live().await;
    let session = opened.live_session.unwrap();
    assert_eq!(session.state(), LiveSessionState::Open, "{:?}", codes(&session.roster));
    let request = registry::WatchLiveSessionsRequest {
        cursor: opened.watch_cursor,
        ..registry::WatchLiveSessionsRequest::default()
    };
    let mut watch = platform.live_sessions().watch_live_sessions(request).await.unwrap().into_inner();

    let request =
        registry::EndEngagementRequest { name: engaged.name, ..registry::EndEngagementRequest::default() };
    streamers.end_engagement(request).await.unwrap();
    let cut = next_cut(&mut watch).await.unwrap();
    assert_eq!((cut.name.as_str(), cut.state()), (session.name.as_str(), LiveSessionState::Ended));
    assert_eq!(codes(&cut.roster), [ReasonCode::AffiliationUnproven]);
    town.end().await;
}
