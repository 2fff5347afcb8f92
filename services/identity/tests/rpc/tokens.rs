use crate::world::{ISSUER, World, assert_refused, fields, new_client};
use greenroom_auth::{Algorithm, AssertionClaims, KeyPurpose, KeySet, SigningKey, Verifier};
use greenroom_domain::identity::OrganizationRole as Role;
use greenroom_domain::kernel::ClientId;
use greenroom_identity::AUDIENCE;
use greenroom_proto::identity::v1::client_service_client::ClientServiceClient;
use greenroom_proto::identity::v1::create_client_request::Credential;
use greenroom_proto::identity::v1::issue_token_request::Proof;
use greenroom_proto::identity::v1::{
    ClientSecret, CreateClientRequest, DisableClientRequest, IssueTokenRequest, IssueTokenResponse,
    ListClientsRequest, ListClientsResponse, ListSigningKeysRequest, OrganizationRole,
};
use greenroom_rpc::clock::Clock as _;
use std::time::Duration;
use tonic::{Code, Request, Status};

pub async fn issue(world: &World, proof: Proof, scopes: &[&str]) -> Result<IssueTokenResponse, Status> {
    let request = IssueTokenRequest {
        proof: Some(proof),
        audience: AUDIENCE.to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    Ok(world.token_service().issue_token(request).await?.into_inner())
}

pub fn secret_proof(client: &str, secret: &str) -> Proof {
    Proof::ClientSecret(ClientSecret { client_id: client.to_owned(), secret: secret.to_owned() })
}

pub async fn issue_with_secret(
    world: &World,
    client: &str,
    secret: &str,
) -> Result<IssueTokenResponse, Status> {
    issue(world, secret_proof(client, secret), &[]).await
}

pub async fn list_clients_with(world: &World, token: &str) -> Result<ListClientsResponse, Status> {
    let mut request = Request::new(ListClientsRequest::default());
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    Ok(ClientServiceClient::new(world.channel()).list_clients(request).await?.into_inner())
}

/// A client with a key of its own.
pub async fn client_with_key(world: &World, id: &str, scopes: &[&str]) -> SigningKey {
    world.organization(id, OrganizationRole::Platform).await;
    let (key, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    let request = CreateClientRequest {
        credential: Some(Credential::PublicJwk(key.public().to_jwk_json())),
        ..new_client(id, id, scopes)
    };
    world.operator().clients().create_client(request).await.unwrap();
    key
}

pub fn assertion(world: &World, client: &str, key: &SigningKey, audience: &str, id: &str) -> String {
    let now = world.clock.now();
    let claims = AssertionClaims {
        client_id: ClientId::try_new(client).unwrap(),
        audience: audience.to_owned(),
        assertion_id: id.to_owned(),
        issue_time: now,
        expire_time: now.plus(Duration::from_mins(1)),
    };
    key.sign_assertion(&claims).unwrap()
}

#[tokio::test]
async fn a_token_says_who_calls_for_whom_and_what_it_may() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["persons.read", "persons.write", "permissions.check"]).await;
    let issued = issue_with_secret(&world, "till", &secret).await.unwrap();
    assert_eq!(
        (issued.token_type.as_str(), issued.expires_in, issued.scope.as_str()),
        ("Bearer", 300, "persons.read persons.write")
    );

    let jwks =
        world.token_service().list_signing_keys(ListSigningKeysRequest {}).await.unwrap().into_inner().jwks;
    let keys = KeySet::from_jwks(jwks.as_bytes(), KeyPurpose::TokenSigning).unwrap();
    let verifier = Verifier::new(ISSUER, AUDIENCE);
    let verified = verifier.verify(&issued.access_token, &keys, world.clock.now()).unwrap();
    let claims = verified.claims();
    assert_eq!((claims.client_id.as_str(), claims.organization.as_str()), ("till", "shop"));
    assert_eq!(
        (claims.roles.as_slice(), claims.scope.to_string()),
        ([Role::Platform].as_slice(), issued.scope)
    );
    let late = world.clock.now().plus(Duration::from_mins(6));
    assert!(verifier.verify(&issued.access_token, &keys, late).is_err());
}

#[tokio::test]
async fn an_unknown_client_and_a_wrong_secret_look_alike() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["persons.read"]).await;
    let wrong = [("till", "gr_wrong"), ("till", ""), ("nobody", &secret), ("No Client!", &secret), ("", "")];
    let mut messages = Vec::new();
    for (client, secret) in wrong {
        let refused = issue_with_secret(&world, client, secret).await;
        let status = assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
        messages.push((status.message().to_owned(), status.details().to_vec()));
    }
    messages.dedup();
    assert_eq!(messages.len(), 1);
    // A client with a key has no secret, not even an empty one.
    let refused = issue_with_secret(&world, "registry", "").await;
    assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn an_assertion_counts_once_also_after_a_restart() {
    let world = World::start().await;
    let key = client_with_key(&world, "shop", &["clients.read"]).await;
    let proof = Proof::ClientAssertion(assertion(&world, "shop", &key, ISSUER, "one"));
    issue(&world, proof.clone(), &[]).await.unwrap();
    let again = issue(&world, proof.clone(), &[]).await;
    assert_refused(again, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");

    let world = world.restart().await;
    let again = issue(&world, proof, &[]).await;
    assert_refused(again, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
    let endpoint = format!("{ISSUER}/oauth2/token");
    let fresh = Proof::ClientAssertion(assertion(&world, "shop", &key, &endpoint, "two"));
    issue(&world, fresh, &[]).await.unwrap();
}

#[tokio::test]
async fn an_assertion_by_another_key_or_to_another_issuer_is_refused() {
    let world = World::start().await;
    let key = client_with_key(&world, "shop", &["clients.read"]).await;
    let (other, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    let forged = assertion(&world, "shop", &other.with_id(key.public().id().clone()), ISSUER, "one");
    let astray = assertion(&world, "shop", &key, "https://elsewhere.example", "one");
    for wrong in [forged, astray, "a.b.c".to_owned(), String::new()] {
        let refused = issue(&world, Proof::ClientAssertion(wrong), &[]).await;
        assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
    }
    // None of them used up the id.
    let right = assertion(&world, "shop", &key, ISSUER, "one");
    issue(&world, Proof::ClientAssertion(right), &[]).await.unwrap();
}

#[tokio::test]
async fn a_client_gets_no_scope_it_does_not_hold() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["persons.read", "permissions.check"]).await;
    let proof = || secret_proof("till", &secret);
    let issued = issue(&world, proof(), &["persons.read"]).await.unwrap();
    assert_eq!(issued.scope, "persons.read");
    // The second is held, but another service's.
    for scope in ["persons.write", "permissions.check", "nonsense"] {
        let refused = issue(&world, proof(), &["persons.read", scope]).await;
        assert_refused(refused, Code::InvalidArgument, "SCOPE_NOT_GRANTED");
    }
    let nowhere =
        IssueTokenRequest { proof: Some(proof()), audience: "elsewhere".to_owned(), scopes: vec![] };
    let refused = world.token_service().issue_token(nowhere).await;
    assert_refused(refused, Code::InvalidArgument, "FIELDS_INVALID");
    let nothing = IssueTokenRequest {
        proof: Some(proof()),
        audience: "greenroom-certification".to_owned(),
        scopes: vec![],
    };
    let refused = world.token_service().issue_token(nothing).await;
    assert_refused(refused, Code::InvalidArgument, "SCOPE_NOT_GRANTED");
}

#[tokio::test]
async fn scopes_too_long_or_too_many_are_refused_by_field() {
    let world = World::start().await;
    let proof = || secret_proof("till", "gr_wrong");
    let status = assert_refused(
        issue(&world, proof(), &["persons.read", &"x".repeat(65)]).await,
        Code::InvalidArgument,
        "FIELDS_INVALID",
    );
    assert_eq!(fields(&status), ["scopes[1]"]);
    let status =
        assert_refused(issue(&world, proof(), &["x"; 65]).await, Code::InvalidArgument, "FIELDS_INVALID");
    assert_eq!(fields(&status), ["scopes"]);
}

#[tokio::test]
async fn an_assertion_of_an_unknown_client_is_refused_like_any_other_and_a_disabled_one_is_told_so() {
    let world = World::start().await;
    let key = client_with_key(&world, "shop", &["clients.read"]).await;
    let unknown =
        issue(&world, Proof::ClientAssertion(assertion(&world, "nobody", &key, ISSUER, "one")), &[]);
    assert_refused(unknown.await, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
    let request = DisableClientRequest { name: "clients/shop".to_owned(), ..Default::default() };
    world.operator().clients().disable_client(request).await.unwrap();
    let disabled = issue(&world, Proof::ClientAssertion(assertion(&world, "shop", &key, ISSUER, "two")), &[]);
    let status = assert_refused(disabled.await, Code::PermissionDenied, "CLIENT_DISABLED");
    assert_eq!(status.message(), "the client is disabled");
    let (other, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    let forged = assertion(&world, "shop", &other.with_id(key.public().id().clone()), ISSUER, "three");
    let forged = issue(&world, Proof::ClientAssertion(forged), &[]);
    assert_refused(forged.await, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
}

#[tokio::test]
async fn what_is_wrong_with_an_assertion_is_told_to_who_could_sign_it() {
    let world = World::start().await;
    let key = client_with_key(&world, "shop", &["clients.read"]).await;
    let (other, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    let other = other.with_id(key.public().id().clone());
    let now = world.clock.now();
    let good = AssertionClaims {
        client_id: ClientId::try_new("shop").unwrap(),
        audience: ISSUER.to_owned(),
        assertion_id: "one".to_owned(),
        issue_time: now,
        expire_time: now.plus(Duration::from_mins(1)),
    };
    let expired = now.minus(Duration::from_mins(1));
    let cases = [
        (
            AssertionClaims { audience: "https://elsewhere.example".to_owned(), ..good.clone() },
            "`aud` must be",
        ),
        (
            AssertionClaims {
                issue_time: expired.minus(Duration::from_mins(1)),
                expire_time: expired,
                ..good.clone()
            },
            "expired",
        ),
        (AssertionClaims { expire_time: now.plus(Duration::from_hours(2)), ..good.clone() }, "an hour ahead"),
        (AssertionClaims { assertion_id: String::new(), ..good.clone() }, "`jti`"),
    ];
    for (claims, said) in cases {
        let told = async |key: &SigningKey| {
            let proof = Proof::ClientAssertion(key.sign_assertion(&claims).unwrap());
            let refused = issue(&world, proof, &[]).await;
            let status = assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
            status.message().to_owned()
        };
        let (own, stranger) = (told(&key).await, told(&other).await);
        assert!(own.contains(said), "{own}");
        assert_eq!(stranger, "the client's proof is not accepted");
    }
    let proof = || Proof::ClientAssertion(key.sign_assertion(&good).unwrap());
    issue(&world, proof(), &[]).await.unwrap();
    let again = issue(&world, proof(), &[]).await.unwrap_err();
    assert!(again.message().contains("used before"), "{}", again.message());
}

#[tokio::test]
async fn a_token_for_another_service_does_not_open_this_one() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read", "permissions.check"]).await;
    let request = IssueTokenRequest {
        proof: Some(secret_proof("till", &secret)),
        audience: "greenroom-registry".to_owned(),
        scopes: vec![],
    };
    let token = world.token_service().issue_token(request).await.unwrap().into_inner().access_token;
    let refused = list_clients_with(&world, &token).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_REFUSED");
    let refused = ClientServiceClient::new(world.channel()).list_clients(ListClientsRequest::default()).await;
    assert_refused(refused, Code::Unauthenticated, "TOKEN_MISSING");
}
