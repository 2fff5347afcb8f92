use crate::rolls::roll;
use crate::world::{World, accreditation_of};
use greenroom_auth::{AccessClaims, OrganizationRole as Role};
use greenroom_domain::kernel::PersonId;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::certification_fact::Fact;
use greenroom_proto::identity::v1 as identity;
use tonic::Code;

#[tokio::test]
async fn every_change_is_told_in_order_without_personal_data() {
    let world = World::start().await;
    world.accredit("north").await;
    let import = world.plan("north", roll(2).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    let mut feed = world.feed();
    let request = wire::WatchCertificationEventsRequest::default();
    let mut stream = feed.watch_certification_events(request).await.unwrap().into_inner();
    let answer = stream.message().await.unwrap().unwrap();
    let numbers: Vec<i64> = answer.events.iter().map(|event| event.sequence).collect();
    assert_eq!(numbers, (1..=9).collect::<Vec<i64>>());
    let certificates: Vec<_> = answer
        .events
        .iter()
        .filter_map(|event| match event.fact.as_ref()?.fact.as_ref()? {
            Fact::Certificate(fact) => Some(fact),
            _ => None,
        })
        .collect();
    assert_eq!(certificates.len(), 2);
    assert!(
        certificates
            .iter()
            .all(|fact| fact.holder.starts_with("persons/") && fact.evidence_until_time.is_some())
    );
    assert!(!format!("{answer:?}").contains("测试"));
    // The standards are the service's own word, told as it starts.
    let standard = match answer.events[0].fact.as_ref().and_then(|fact| fact.fact.as_ref()) {
        Some(Fact::Standard(fact)) => fact,
        other => panic!("{other:?}"),
    };
    let cells: usize = standard.job_types.iter().map(|job_type| job_type.levels.len()).sum();
    assert_eq!(
        (standard.standard.as_str(), standard.version, cells),
        ("standards/internet-marketer-2021", 1, 18)
    );
    assert!(answer.events.iter().skip(1).all(|event| !event.client.is_empty()));
    let cursor = wire::WatchCertificationEventsRequest { cursor: "nonsense".to_owned() };
    let refused = feed.watch_certification_events(cursor).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn an_act_is_told_with_the_human_behind_it() {
    let world = World::start().await;
    world.accredit("north").await;
    let mina = Some(PersonId::try_new("mina").unwrap());
    let claims = AccessClaims { person: mina, ..world.claims("console", "regulator") };
    let token = world.token(&claims);
    world.issuers_with(&token).accredit_issuer(accreditation_of("south")).await.unwrap();
    let request = wire::WatchCertificationEventsRequest::default();
    let mut stream = world.feed_with(&token).watch_certification_events(request).await.unwrap().into_inner();
    let answer = stream.message().await.unwrap().unwrap();
    let told = answer.events.iter().map(|event| (event.client.as_str(), event.person.as_str()));
    let told: std::collections::BTreeSet<_> = told.collect();
    assert_eq!(
        told,
        [("", ""), ("clients/console", "persons/mina"), ("clients/regulator-client", "")].into()
    );
}

#[tokio::test]
async fn a_client_that_identity_disabled_is_refused() {
    let world = World::start().await;
    world.accredit("north").await;
    let list = wire::ListIssuersRequest::default;
    let mut issuers = world.issuers();
    assert!(issuers.list_issuers(list()).await.is_ok());
    let fact = identity::ClientFact {
        client: "clients/regulator-client".to_owned(),
        state: identity::ClientState::Disabled.into(),
        version: 2,
        ..identity::ClientFact::default()
    };
    world.tell(identity::identity_fact::Fact::Client(fact));
    let refused = greenroom_testkit::eventually("the revocation arrives", || {
        let mut issuers = issuers.clone();
        async move { issuers.list_issuers(list()).await.err() }
    })
    .await;
    assert_eq!(refused.code(), Code::Unauthenticated);
    let mut others = world.certificates("north", Role::Issuer);
    assert!(others.list_certificates(wire::ListCertificatesRequest::default()).await.is_ok());
}

#[tokio::test]
async fn health_tells_that_it_serves_once_keys_and_revocations_are_known() {
    let world = World::start().await;
    let health = greenroom_testkit::eventually("the service serves", async || {
        let mut health = tonic_health::pb::health_client::HealthClient::new(world.channel());
        let request = tonic_health::pb::HealthCheckRequest { service: String::new() };
        let answer = health.check(request).await.ok()?.into_inner();
        (answer.status() == tonic_health::ServingStatus::Serving.into()).then_some(answer)
    });
    health.await;
}
