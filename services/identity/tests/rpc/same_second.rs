//! Tokens issued in the second of a revocation: they carry whole seconds, and must look later than it.

use crate::credentials::{add_key, revoke_key};
use crate::suspending::{reinstate, suspend};
use crate::tokens::{issue_with_secret, list_clients_with};
use crate::world::{World, assert_refused, refused_since, request_id};
use greenroom_auth::{Algorithm, SigningKey};
use greenroom_proto::identity::v1::add_client_key_request::Credential as Added;
use greenroom_proto::identity::v1::{
    Client, OrganizationRole, RevokeClientTokensRequest, RotateClientSecretRequest, UpdateClientRequest,
};
use greenroom_rpc::wire::duration;
use prost_types::FieldMask;
use std::time::Duration;
use tonic::Code;

async fn till(world: &World) -> String {
    world.organization("shop", OrganizationRole::Platform).await;
    world.client("till", "shop", &["clients.read", "persons.read"]).await
}

async fn token(world: &World, secret: &str) -> String {
    issue_with_secret(world, "till", secret).await.unwrap().access_token
}

async fn revoke_all(world: &World) {
    let request = RevokeClientTokensRequest {
        name: "clients/till".to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    world.operator().tokens().revoke_client_tokens(request).await.unwrap();
}

/// The old token is refused and the new one counts, both now and a moment later.
async fn assert_changed_over(world: &World, old: &str, new: &str) {
    for _ in 0..2 {
        let refused = refused_since(async || list_clients_with(world, old).await).await;
        assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");
        list_clients_with(world, new).await.unwrap();
        world.clock.advance(Duration::from_millis(1500));
    }
}

#[tokio::test]
async fn a_token_issued_right_after_a_revocation_counts_and_the_one_before_does_not() {
    let world = World::start().await;
    let secret = till(&world).await;
    world.clock.advance(Duration::from_millis(400));
    let old = token(&world, &secret).await;
    revoke_all(&world).await;
    let new = token(&world, &secret).await;
    assert_changed_over(&world, &old, &new).await;

    let (key, _) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    add_key(&world, "till", Added::PublicJwk(key.public().to_jwk_json()), None).await.unwrap();
    let old = token(&world, &secret).await;
    revoke_key(&world, "till", key.public().id().as_str()).await.unwrap();
    let new = token(&world, &secret).await;
    assert_changed_over(&world, &old, &new).await;

    let old = token(&world, &secret).await;
    let request = UpdateClientRequest {
        client: Some(Client {
            name: "clients/till".to_owned(),
            scopes: vec!["clients.read".to_owned()],
            ..Default::default()
        }),
        update_mask: Some(FieldMask { paths: vec!["scopes".to_owned()] }),
        ..Default::default()
    };
    world.operator().clients().update_client(request).await.unwrap();
    let new = token(&world, &secret).await;
    assert_changed_over(&world, &old, &new).await;

    let old = token(&world, &secret).await;
    let request = RotateClientSecretRequest {
        name: "clients/till".to_owned(),
        overlap: Some(duration(Duration::ZERO)),
        request_id: request_id(),
        ..Default::default()
    };
    let rotated = world.operator().clients().rotate_client_secret(request).await.unwrap().into_inner();
    let new = token(&world, &rotated.client_secret).await;
    assert_changed_over(&world, &old, &new).await;
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_token_issued_right_after_a_reinstatement_counts() {
    let world = World::start().await;
    let secret = till(&world).await;
    world.clock.advance(Duration::from_millis(400));
    let old = token(&world, &secret).await;
    suspend(&world.operator(), "shop").await.unwrap();
    reinstate(&world.operator(), "shop").await;
    let new = token(&world, &secret).await;
    assert_changed_over(&world, &old, &new).await;
}

#[tokio::test]
async fn a_second_revocation_in_the_same_second_takes_the_tokens_between_the_two() {
    let world = World::start().await;
    let secret = till(&world).await;
    for _ in 0..2 {
        revoke_all(&world).await;
        let between = token(&world, &secret).await;
        world.clock.advance(Duration::from_millis(100));
        revoke_all(&world).await;
        let new = token(&world, &secret).await;
        assert_changed_over(&world, &between, &new).await;
    }
    // The organization comes back, and in the same second its client loses its tokens.
    suspend(&world.operator(), "shop").await.unwrap();
    reinstate(&world.operator(), "shop").await;
    let between = token(&world, &secret).await;
    revoke_all(&world).await;
    let new = token(&world, &secret).await;
    assert_changed_over(&world, &between, &new).await;
}

#[tokio::test]
async fn the_shortest_of_lives_is_not_lost_to_the_stated_second() {
    let world = World::with(|config| config.token_lifetime_seconds = 1).await;
    let secret = till(&world).await;
    revoke_all(&world).await;
    let new = token(&world, &secret).await;
    list_clients_with(&world, &new).await.unwrap();
}
