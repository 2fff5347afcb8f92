//! A human acts through a client, and every service writes down who.

use greenroom_domain::kernel::ClientId;
use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1 as registry;
use greenroom_rpc::client::Credential;
use greenroom_tests::{Holder, Operator, Platform, Service, Town, request_id};
use identity::client_service_client::ClientServiceClient;
use identity::create_client_request::Credential as FirstCredential;
use std::sync::Arc;

/// A client through which `person` acts for the platform.
async fn desk_of(operator: &Operator<'_>, platform: &Platform<'_>, person: &str) -> Arc<Credential> {
    let client = identity::Client {
        organization: format!("organizations/{}", platform.id),
        display_name: "the administrator's desk".to_owned(),
        scopes: ["persons.proof", "policies.write"].map(str::to_owned).into(),
        person: person.to_owned(),
        ..Default::default()
    };
    let request = identity::CreateClientRequest {
        client_id: "desk".to_owned(),
        client: Some(client),
        credential: Some(FirstCredential::GeneratedSecret(identity::GeneratedSecret {})),
        request_id: request_id(),
        ..Default::default()
    };
    let created = ClientServiceClient::new(operator.to(Service::Identity)).create_client(request).await;
    let secret = created.unwrap().into_inner().client_secret.into();
    Arc::new(Credential::Secret { client: ClientId::try_new("desk").unwrap(), secret })
}

#[tokio::test]
async fn what_an_administrator_does_is_written_down_with_their_name_for_it() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let administrator = platform.register(&Holder::new(1, "19850307", 3)).await.unwrap();
    let mina = platform.register(&Holder::new(2, "19900307", 3)).await.unwrap();
    let credential = desk_of(&operator, &platform, &administrator).await;
    let desk = platform.by(credential);

    desk.prove(&mina).await.unwrap();
    desk.set_policy(registry::Level::Level3).await.unwrap();

    let events = operator.identity_events().await.unwrap();
    let by_desk: Vec<_> = events.iter().filter(|event| event.client == "clients/desk").collect();
    assert!(by_desk.iter().any(|event| event.method.ends_with("/RecordProofing")), "{by_desk:?}");
    assert!(by_desk.iter().all(|event| event.person == administrator), "{by_desk:?}");
    let machines = events.iter().filter(|event| event.client != "clients/desk");
    assert!(machines.map(|event| event.person.as_str()).all(str::is_empty));

    let events = operator.registry_events().await.unwrap();
    let by_desk: Vec<_> = events.iter().filter(|event| event.client == "clients/desk").collect();
    assert!(by_desk.iter().any(|event| event.method.ends_with("/SetPolicy")), "{by_desk:?}");
    assert!(by_desk.iter().all(|event| event.person == administrator), "{by_desk:?}");
    town.end().await;
}
