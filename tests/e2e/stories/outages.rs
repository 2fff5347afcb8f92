//! Services come, go, and come back.

use greenroom_proto::registry::v1 as registry_v1;
use greenroom_proto::registry::v1::{Outcome, ReasonCode};
use greenroom_rpc::fault::reason_of;
use greenroom_tests::{Engine, Holder, Service, Town};
use std::time::Duration;

#[tokio::test]
async fn services_start_in_any_order() {
    let mut town = Town::empty(Engine::Sqlite).await;
    // The first start of identity makes the credentials the others need.
    town.open(Service::Identity).await;
    town.close(Service::Identity).await;
    town.open(Service::Registry).await;
    town.open(Service::Certification).await;
    town.open(Service::Identity).await;
    // Whoever asked for the signing keys in vain asks again after ten seconds.
    town.clock.advance(Duration::from_secs(11));
    town.ready().await;
    let platform = town.operator().platform("acme").await.unwrap();
    assert_eq!(platform.id, "acme");
    town.end().await;
}

#[tokio::test]
async fn without_identity_nobody_is_enrolled_and_nothing_is_half_done() {
    let mut town = Town::start().await;
    let platform = town.operator().platform("acme").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    let person = platform.register(&mina).await.unwrap();
    // The platform's token for the registry outlives the outage.
    let _ = platform.enrol("other", "persons/nobody").await.unwrap_err();
    let registry = platform.to(Service::Registry);
    drop(platform);
    town.close(Service::Identity).await;

    let mut streamers = registry_v1::streamer_service_client::StreamerServiceClient::new(registry);
    let streamer = registry_v1::Streamer { account: "mina".into(), person, ..Default::default() };
    let request = registry_v1::EnrolStreamerRequest {
        streamer: Some(streamer),
        request_id: String::new(),
        validate_only: false,
    };
    let refused = streamers.enrol_streamer(request).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unavailable, "{refused:?}");
    town.end().await;
}

#[tokio::test]
async fn while_certification_is_away_memory_answers_until_the_news_is_too_old() {
    let mut town = Town::start().await;
    let (streamer, credential) = {
        let operator = town.operator();
        let platform = operator.platform("acme").await.unwrap();
        let issuer = operator.issuer("east-school").await.unwrap();
        let mina = Holder::new(1, "19900307", 3);
        issuer.import(std::slice::from_ref(&mina)).await.unwrap();
        (platform.welcome("mina", &mina).await.unwrap(), platform.credential.clone())
    };
    town.close(Service::Certification).await;
    let check = async |town: &Town| {
        let connection = town.connection(Service::Registry, &credential);
        let mut permissions =
            registry_v1::permission_service_client::PermissionServiceClient::new(connection);
        let request =
            registry_v1::CheckPermissionRequest { streamer: streamer.clone(), ..Default::default() };
        permissions.check_permission(request).await.unwrap().into_inner().decision.unwrap()
    };
    assert_eq!(check(&town).await.outcome(), Outcome::Allow);

    town.clock.advance(Duration::from_mins(10));
    let decision = check(&town).await;
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert_eq!(decision.reasons[0].code(), ReasonCode::EvidenceSourceUnavailable);

    town.open(Service::Certification).await;
    greenroom_testkit::eventually("the news is fresh again", || async {
        (check(&town).await.outcome() == Outcome::Allow).then_some(())
    })
    .await;
    town.end().await;
}

#[tokio::test]
async fn a_registry_started_again_answers_the_same() {
    let mut town = Town::start().await;
    let (streamer, credential) = {
        let operator = town.operator();
        let platform = operator.platform("acme").await.unwrap();
        let issuer = operator.issuer("east-school").await.unwrap();
        let mina = Holder::new(1, "19900307", 3);
        issuer.import(std::slice::from_ref(&mina)).await.unwrap();
        let streamer = platform.welcome("mina", &mina).await.unwrap();
        issuer.revoke(&mina.certificate_number).await.unwrap();
        (streamer, platform.credential.clone())
    };
    town.close(Service::Registry).await;
    town.open(Service::Registry).await;
    town.serving(Service::Registry).await;
    let connection = town.connection(Service::Registry, &credential);
    let mut permissions = registry_v1::permission_service_client::PermissionServiceClient::new(connection);
    let request = registry_v1::CheckPermissionRequest { streamer, ..Default::default() };
    let decision = greenroom_testkit::eventually("the revocation is known", || async {
        let answer = permissions.clone().check_permission(request.clone()).await.unwrap().into_inner();
        answer.decision.filter(|decision| decision.outcome() == Outcome::Deny)
    })
    .await;
    assert_eq!(decision.reasons[0].code(), ReasonCode::CertRevoked);
    let missing =
        registry_v1::CheckPermissionRequest { streamer: "streamers/nobody".into(), ..Default::default() };
    let refused = permissions.check_permission(missing).await.unwrap_err();
    assert_eq!(reason_of(&refused).unwrap(), "STREAMER_NOT_FOUND");
    town.end().await;
}
