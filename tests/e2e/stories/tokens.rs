//! Who calls, and who no longer may.

use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1 as registry;
use greenroom_rpc::fault::reason_of;
use greenroom_tests::{Engine, Holder, Service, Town, bearing, request_id};
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
    assert_eq!(reason_of(&refused).unwrap(), "CLIENT_DISABLED");
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

/// What anybody may do with a token they hold (RFC 7009): the client's own token for the identity service speaks for it.
async fn give_up(town: &Town, own: &str, token: &str) {
    let mut tokens =
        identity::token_service_client::TokenServiceClient::new(town.open_connection(Service::Identity));
    let request = bearing(own, identity::RevokeTokenRequest { token: token.to_owned() }).unwrap();
    tokens.revoke_token(request).await.unwrap();
}

async fn a_revoked_token_is_refused_by_the_service_it_was_for(engine: Engine) {
    let town = Town::start_on(engine).await;
    let operator = town.operator();
    let (acme, bazaar) =
        (operator.platform("acme").await.unwrap(), operator.platform("bazaar").await.unwrap());
    let (lost, kept) =
        (town.tokens(&acme.credential).await.unwrap(), town.tokens(&acme.credential).await.unwrap());
    let own = town.token(Service::Identity, &acme.credential).await.unwrap();
    let stranger = town.token(Service::Identity, &bazaar.credential).await.unwrap();
    for (service, token) in &lost {
        // Nobody revokes what is not theirs; the answer does not tell.
        give_up(&town, &stranger, token).await;
        town.knock(*service, token).await.unwrap();
    }

    for (service, token) in &lost {
        give_up(&town, &own, token).await;
        let refused = town.refused(*service, token).await;
        assert_eq!(reason_of(&refused).unwrap(), "TOKEN_REFUSED", "{service:?}");
    }
    for (service, token) in &kept {
        town.knock(*service, token).await.unwrap();
    }
    town.end().await;
}

#[tokio::test]
async fn a_revoked_token_is_refused_by_the_service_it_was_for_on_sqlite() {
    a_revoked_token_is_refused_by_the_service_it_was_for(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_revoked_token_is_refused_by_the_service_it_was_for_on_postgres() {
    a_revoked_token_is_refused_by_the_service_it_was_for(Engine::Postgres).await;
}

#[tokio::test]
async fn all_tokens_of_a_client_are_revoked_in_all_services_and_new_ones_are_good() {
    let town = Town::start().await;
    let operator = town.operator();
    let (acme, bazaar) =
        (operator.platform("acme").await.unwrap(), operator.platform("bazaar").await.unwrap());
    let (held, of_others) =
        (town.tokens(&acme.credential).await.unwrap(), town.tokens(&bazaar.credential).await.unwrap());
    // Tokens tell their time in whole seconds.
    town.clock.advance(Duration::from_secs(2));

    operator.revoke_tokens_of("acme-backend").await.unwrap();

    for (service, token) in &held {
        let refused = town.refused(*service, token).await;
        assert_eq!(reason_of(&refused).unwrap(), "TOKEN_REFUSED", "{service:?}");
    }
    town.clock.advance(Duration::from_secs(2));
    let fresh = town.tokens(&acme.credential).await.unwrap();
    for (service, token) in fresh.iter().chain(&of_others) {
        town.knock(*service, token).await.unwrap();
    }
    town.end().await;
}
