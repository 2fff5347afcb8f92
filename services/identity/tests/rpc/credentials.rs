//! Keys and secrets that come and go without an outage.

use crate::tokens::{assertion, client_with_key, issue, issue_with_secret, list_clients_with};
use crate::world::{ISSUER, World, assert_refused, fields, new_client, request_id};
use greenroom_auth::{Algorithm, SigningKey};
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::identity::v1::add_client_key_request::Credential as Added;
use greenroom_proto::identity::v1::client_certificate::Match;
use greenroom_proto::identity::v1::create_client_request::Credential;
use greenroom_proto::identity::v1::issue_token_request::Proof;
use greenroom_proto::identity::v1::{
    AddClientKeyRequest, Client, ClientCertificate, ClientCredential, ClientCredentialType,
    CreateClientRequest, DisableClientRequest, ExpiryNotice, IssueTokenResponse, OrganizationRole,
    RevokeClientKeyRequest, RotateClientSecretRequest, RotateClientSecretResponse,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::wire::{duration, timestamp};
use std::time::Duration;
use tonic::{Code, Status};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);

pub async fn add_key(
    world: &World,
    id: &str,
    credential: Added,
    not_after: Option<Timestamp>,
) -> Result<Client, Status> {
    let request = AddClientKeyRequest {
        name: format!("clients/{id}"),
        credential: Some(credential),
        not_after_time: not_after.map(timestamp),
        ..Default::default()
    };
    Ok(world.operator().clients().add_client_key(request).await?.into_inner().client.unwrap())
}

pub async fn revoke_key(world: &World, id: &str, key_id: &str) -> Result<Client, Status> {
    let request = RevokeClientKeyRequest {
        name: format!("clients/{id}"),
        key_id: key_id.to_owned(),
        ..Default::default()
    };
    Ok(world.operator().clients().revoke_client_key(request).await?.into_inner().client.unwrap())
}

fn rotation(id: &str, overlap: Option<Duration>) -> RotateClientSecretRequest {
    RotateClientSecretRequest {
        name: format!("clients/{id}"),
        overlap: overlap.map(duration),
        request_id: request_id(),
        ..Default::default()
    }
}

async fn rotate(
    world: &World,
    request: RotateClientSecretRequest,
) -> Result<RotateClientSecretResponse, Status> {
    Ok(world.operator().clients().rotate_client_secret(request).await?.into_inner())
}

fn key_ids(client: &Client) -> Vec<&str> {
    client.credentials.iter().map(|credential| credential.key_id.as_str()).collect()
}

fn jwk(key: &SigningKey) -> Added {
    Added::PublicJwk(key.public().to_jwk_json())
}

fn new_key() -> SigningKey {
    SigningKey::generate(Algorithm::EdDsa).unwrap().0
}

async fn sign_in(world: &World, id: &str, key: &SigningKey) -> Result<IssueTokenResponse, Status> {
    issue(world, Proof::ClientAssertion(assertion(world, id, key, ISSUER, &request_id())), &[]).await
}

async fn till(world: &World) -> String {
    world.organization("shop", OrganizationRole::Platform).await;
    world.client("till", "shop", &["clients.read"]).await
}

#[tokio::test]
async fn a_client_changes_over_to_another_key_without_an_outage() {
    let world = World::start().await;
    let (old, new) = (client_with_key(&world, "till", &["clients.read"]).await, new_key());
    let client = add_key(&world, "till", jwk(&new), None).await.unwrap();
    assert_eq!(client.credentials.len(), 2);
    assert!(client.credentials.iter().all(|one| one.r#type() == ClientCredentialType::PublicKey));
    let token = sign_in(&world, "till", &old).await.unwrap().access_token;
    sign_in(&world, "till", &new).await.unwrap();

    let client = revoke_key(&world, "till", old.public().id().as_str()).await.unwrap();
    assert_eq!(key_ids(&client), [new.public().id().as_str()]);
    // Which of the tokens so far the key obtained is not known.
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
    let refused = sign_in(&world, "till", &old).await;
    assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
    world.clock.advance(SECOND);
    let token = sign_in(&world, "till", &new).await.unwrap().access_token;
    list_clients_with(&world, &token).await.unwrap();

    let again = revoke_key(&world, "till", old.public().id().as_str()).await;
    assert_refused(again, Code::NotFound, "KEY_NOT_FOUND");
    let twice = add_key(&world, "till", jwk(&new), None).await;
    assert_refused(twice, Code::AlreadyExists, "KEY_EXISTS");
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn the_secrets_so_far_go_on_for_a_day_beside_a_new_one() {
    let world = World::start().await;
    let old = till(&world).await;
    let request = rotation("till", None);
    let rotated = rotate(&world, request.clone()).await.unwrap();
    let new = rotated.client_secret.clone();
    assert!(new.starts_with("gr_") && new != old);
    assert_eq!(key_ids(rotated.client.as_ref().unwrap()), ["secret-1", "secret-2"]);
    assert_eq!(rotate(&world, request).await.unwrap(), rotated);

    let end = timestamp(world.clock.now().plus(DAY));
    let of_old = issue_with_secret(&world, "till", &old).await.unwrap();
    let of_new = issue_with_secret(&world, "till", &new).await.unwrap();
    assert_eq!((of_old.credential_not_after_time, of_new.credential_not_after_time), (Some(end), None));

    world.clock.advance(DAY);
    let refused = issue_with_secret(&world, "till", &old).await;
    assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
    issue_with_secret(&world, "till", &new).await.unwrap();
}

#[tokio::test]
async fn without_an_overlap_the_old_secret_and_its_tokens_end_at_once() {
    let world = World::start().await;
    let old = till(&world).await;
    let token = issue_with_secret(&world, "till", &old).await.unwrap().access_token;
    let checked = RotateClientSecretRequest { validate_only: true, ..rotation("till", Some(Duration::ZERO)) };
    assert_eq!(rotate(&world, checked).await.unwrap().client_secret, "");
    list_clients_with(&world, &token).await.unwrap();

    let rotated = rotate(&world, rotation("till", Some(Duration::ZERO))).await.unwrap();
    let notices: Vec<_> =
        rotated.client.unwrap().credentials.iter().map(ClientCredential::expiry_notice).collect();
    assert_eq!(notices, [ExpiryNotice::Ended, ExpiryNotice::Unspecified]);
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
    let refused = issue_with_secret(&world, "till", &old).await;
    assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
    world.clock.advance(SECOND);
    let token = issue_with_secret(&world, "till", &rotated.client_secret).await.unwrap().access_token;
    list_clients_with(&world, &token).await.unwrap();
}

#[tokio::test]
async fn a_rotation_needs_a_request_id_a_bounded_overlap_and_an_end_to_come() {
    let world = World::start().await;
    till(&world).await;
    let past = Some(timestamp(world.clock.now()));
    let wrong = RotateClientSecretRequest {
        request_id: String::new(),
        not_after_time: past,
        ..rotation("till", Some(DAY * 31))
    };
    let status = assert_refused(rotate(&world, wrong).await, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["overlap", "request_id", "not_after_time"]);
    let wrong = RotateClientSecretRequest { not_after_time: past, ..rotation("till", None) };
    let status = assert_refused(rotate(&world, wrong).await, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["not_after_time"]);
    rotate(&world, rotation("till", Some(DAY * 30))).await.unwrap();
}

#[tokio::test]
async fn a_client_holds_sixteen_credentials_and_ended_secrets_make_room() {
    let world = World::start().await;
    till(&world).await;
    for _ in 0..14 {
        add_key(&world, "till", jwk(&new_key()), None).await.unwrap();
    }
    rotate(&world, rotation("till", None)).await.unwrap();
    let refused = rotate(&world, rotation("till", None)).await;
    assert_refused(refused, Code::FailedPrecondition, "TOO_MANY_KEYS");
    let refused = add_key(&world, "till", jwk(&new_key()), None).await;
    assert_refused(refused, Code::FailedPrecondition, "TOO_MANY_KEYS");
    world.clock.advance(DAY);
    let client = rotate(&world, rotation("till", None)).await.unwrap().client.unwrap();
    let secrets = client.credentials.iter().filter(|one| one.r#type() == ClientCredentialType::Secret);
    let secrets: Vec<_> = secrets.map(|one| (one.key_id.as_str(), one.not_after_time.is_some())).collect();
    assert_eq!(client.credentials.len(), 16);
    // The first secret has ended and made room for another, which takes its id.
    assert_eq!(secrets, [("secret-1", false), ("secret-2", true)]);
}

#[tokio::test]
async fn a_disabled_client_gets_no_new_credentials() {
    let world = World::start().await;
    till(&world).await;
    let request = DisableClientRequest { name: "clients/till".to_owned(), ..Default::default() };
    world.operator().clients().disable_client(request).await.unwrap();
    let refused = rotate(&world, rotation("till", None)).await;
    assert_refused(refused, Code::FailedPrecondition, "CLIENT_DISABLED");
    let refused = add_key(&world, "till", jwk(&new_key()), None).await;
    assert_refused(refused, Code::FailedPrecondition, "CLIENT_DISABLED");
    let refused = add_key(&world, "nobody", jwk(&new_key()), None).await;
    assert_refused(refused, Code::NotFound, "CLIENT_NOT_FOUND");
    // What it has can still be taken.
    revoke_key(&world, "till", "secret-1").await.unwrap();
}

#[tokio::test]
async fn a_key_that_has_ended_proves_nothing_and_its_answer_told_when() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let (key, end) = (new_key(), world.clock.now().plus(DAY * 5));
    let request = CreateClientRequest {
        credential: Some(Credential::PublicJwk(key.public().to_jwk_json())),
        credential_not_after_time: Some(timestamp(end)),
        ..new_client("till", "shop", &["clients.read"])
    };
    let created = world.operator().clients().create_client(request.clone()).await.unwrap().into_inner();
    let credential = created.client.clone().unwrap().credentials.remove(0);
    assert_eq!(
        (credential.not_after_time, credential.expiry_notice()),
        (Some(timestamp(end)), ExpiryNotice::SevenDays)
    );
    let issued = sign_in(&world, "till", &key).await.unwrap();
    assert_eq!(issued.credential_not_after_time, Some(timestamp(end)));
    world.clock.advance(DAY * 5);
    let refused = sign_in(&world, "till", &key).await;
    assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
    // The same request is answered as before, although its end has passed by now.
    let again = world.operator().clients().create_client(request).await.unwrap().into_inner();
    assert_eq!(again, created);
}

#[tokio::test]
async fn a_certificate_goes_by_what_is_accepted_and_is_added_once() {
    let world = World::start().await;
    till(&world).await;
    let certificate = |text: &str| ClientCertificate { r#match: Some(Match::SanDns(text.to_owned())) };
    let client =
        add_key(&world, "till", Added::Certificate(certificate("Till.Example")), None).await.unwrap();
    let added = client.credentials.first().unwrap();
    assert_eq!(added.r#type(), ClientCredentialType::Certificate);
    assert_eq!(added.certificate, Some(certificate("till.example")));
    assert!(added.key_id.starts_with("cert-") && added.key_id.len() == 21, "{}", added.key_id);
    let twice = add_key(&world, "till", Added::Certificate(certificate("till.example")), None).await;
    assert_refused(twice, Code::AlreadyExists, "KEY_EXISTS");

    let request = CreateClientRequest {
        client_id: "kiosk".to_owned(),
        credential: Some(Credential::Certificate(ClientCertificate { r#match: None })),
        credential_not_after_time: Some(timestamp(world.clock.now())),
        ..new_client("kiosk", "shop", &["clients.read"])
    };
    let refused = world.operator().clients().create_client(request).await;
    let status = assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["certificate", "credential_not_after_time"]);
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn the_last_credential_that_can_administer_the_suite_stays() {
    let world = World::start().await;
    let client = crate::changing_clients::read(&world, "suite-operator").await;
    let only = client.credentials.first().unwrap().key_id.clone();
    let refused = revoke_key(&world, "suite-operator", &only).await;
    assert_refused(refused, Code::FailedPrecondition, "LAST_OPERATOR_CLIENT");
    add_key(&world, "suite-operator", jwk(&new_key()), Some(world.clock.now().plus(DAY))).await.unwrap();
    world.clock.advance(DAY);
    // The other one has ended meanwhile.
    let refused = revoke_key(&world, "suite-operator", &only).await;
    assert_refused(refused, Code::FailedPrecondition, "LAST_OPERATOR_CLIENT");
    add_key(&world, "suite-operator", jwk(&new_key()), None).await.unwrap();
    revoke_key(&world, "suite-operator", &only).await.unwrap();
}
