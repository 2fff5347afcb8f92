//! Who calls, and who no longer may.

use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1 as registry;
use greenroom_rpc::fault::reason_of;
use greenroom_tests::{Holder, Service, Town, request_id};
use std::time::Duration;
use tonic::Code;

#[tokio::test]
async fn a_disabled_client_is_refused_by_every_service() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let streamer = platform.welcome("mina", &Holder::new(1, "19900307", 3)).await.unwrap();
    let connection = platform.to(Service::Registry);
    let mut permissions = registry::permission_service_client::PermissionServiceClient::new(connection);
    let request = registry::CheckPermissionRequest { streamer, ..Default::default() };
    permissions.check_permission(request.clone()).await.unwrap();
    // Tokens tell their time in whole seconds.
    town.clock.advance(Duration::from_secs(2));

    let mut clients =
        identity::client_service_client::ClientServiceClient::new(operator.to(Service::Identity));
    let disable = identity::DisableClientRequest {
        name: "clients/acme-backend".to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    clients.disable_client(disable).await.unwrap();

    // The token would have lived for minutes; the feed brings the news at once.
    let refused = greenroom_testkit::eventually("the token is refused", || async {
        permissions.clone().check_permission(request.clone()).await.err()
    })
    .await;
    assert_eq!(refused.code(), Code::Unauthenticated);
    let refused = platform.register(&Holder::new(2, "19900307", 3)).await.unwrap_err();
    assert_eq!(reason_of(&refused).unwrap(), "CLIENT_AUTHENTICATION_FAILED");
    town.end().await;
}

#[tokio::test]
async fn a_token_for_one_service_is_refused_by_another() {
    let town = Town::start().await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let token = greenroom_rpc::client::Tokens::new(
        greenroom_rpc::client::connect(&town.url(Service::Identity)).unwrap(),
        platform.credential.clone(),
        greenroom_registry::AUDIENCE,
        town.clock.shared(),
    );
    let mut request = tonic::Request::new(identity::GetPersonRequest { name: "persons/any".to_owned() });
    let bearer = format!("Bearer {}", token.bearer().await.unwrap());
    request.metadata_mut().insert("authorization", bearer.parse().unwrap());
    let channel = town.open_connection(Service::Identity);
    let refused =
        identity::person_service_client::PersonServiceClient::new(channel).get_person(request).await;
    assert_eq!(reason_of(&refused.unwrap_err()).unwrap(), "TOKEN_REFUSED");
    town.end().await;
}
