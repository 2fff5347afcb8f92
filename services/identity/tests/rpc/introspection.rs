//! Tokens asked about and revoked over gRPC.

use crate::tokens::{issue_with_secret, list_clients_with, secret_proof};
use crate::world::{Caller, World, assert_refused, request_id};
use greenroom_proto::identity::v1::issue_token_request::Proof;
use greenroom_proto::identity::v1::{
    DisableClientRequest, GetClientRequest, IntrospectTokenRequest, IntrospectTokenResponse,
    IssueTokenRequest, OrganizationRole, RevokeClientTokensRequest, RevokeTokenRequest, TokenState,
};
use greenroom_rpc::clock::Clock as _;
use greenroom_testkit::{database, eventually};
use std::time::Duration;
use tonic::Code;

async fn ask(caller: &Caller, token: &str) -> IntrospectTokenResponse {
    let request = IntrospectTokenRequest { token: token.to_owned() };
    caller.tokens().introspect_token(request).await.unwrap().into_inner()
}

async fn is_active(caller: &Caller, token: &str) -> bool {
    let told = ask(caller, token).await;
    if told.state() == TokenState::Inactive {
        // Nothing else is told.
        assert_eq!(
            told,
            IntrospectTokenResponse { state: TokenState::Inactive.into(), ..Default::default() }
        );
    }
    told.state() == TokenState::Active
}

async fn revoke(caller: &Caller, token: &str) -> String {
    let request = RevokeTokenRequest { token: token.to_owned() };
    caller.tokens().revoke_token(request).await.unwrap().into_inner().revision
}

async fn token_for(world: &World, client: &str, secret: &str, audience: &str) -> String {
    let request = IssueTokenRequest {
        proof: Some(secret_proof(client, secret)),
        audience: audience.to_owned(),
        scopes: Vec::new(),
    };
    world.token_service().issue_token(request).await.unwrap().into_inner().access_token
}

async fn own_token(world: &World, client: &str, secret: &str) -> String {
    issue_with_secret(world, client, secret).await.unwrap().access_token
}

/// A shop with a till, and the till's secret.
async fn shop(world: &World, scopes: &[&str]) -> String {
    world.organization("shop", OrganizationRole::Platform).await;
    world.client("till", "shop", scopes).await
}

async fn clean(world: &World) {
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_token_is_told_to_its_own_organization_and_to_the_operator_alone() {
    let world = World::start().await;
    let secret = shop(&world, &["permissions.check", "persons.read"]).await;
    let back_office = world.client("back-office", "shop", &["tokens.introspect"]).await;
    let back_office = world.with_secret("back-office", &back_office);
    let rival = world.member("rival", OrganizationRole::Platform, &["tokens.introspect"]).await;
    for audience in ["greenroom-identity", "greenroom-registry"] {
        let token = token_for(&world, "till", &secret, audience).await;
        let told = ask(&back_office, &token).await;
        assert_eq!(told.state(), TokenState::Active);
        assert_eq!(
            (told.client.as_str(), told.organization.as_str()),
            ("clients/till", "organizations/shop")
        );
        assert_eq!((told.audience.as_str(), told.person.as_str()), (audience, ""));
        let (issued, ends) = (told.issue_time.as_ref().unwrap(), told.expire_time.as_ref().unwrap());
        assert_eq!((ends.seconds - issued.seconds, told.x5t_s256.as_str()), (300, ""));
        assert!(!told.token_id.is_empty());
        assert_eq!(ask(&world.operator(), &token).await, told);
        assert!(!is_active(&rival, &token).await);
    }
    let refused = world.with_secret("till", &secret).tokens();
    let refused = { refused }.introspect_token(IntrospectTokenRequest { token: "x".to_owned() }).await;
    assert_refused(refused, Code::PermissionDenied, "SCOPE_MISSING");
    let empty = { back_office.tokens() }.introspect_token(IntrospectTokenRequest::default()).await;
    assert_refused(empty, Code::InvalidArgument, "FIELDS_INVALID");
}

#[tokio::test]
async fn what_is_ended_forged_or_disabled_is_inactive() {
    let world = World::start().await;
    let secret = shop(&world, &["persons.read"]).await;
    let token = own_token(&world, "till", &secret).await;
    assert!(is_active(&world.operator(), &token).await);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let reversed: String = signature.chars().rev().collect();
    let nested = "[".repeat(6000);
    let forged = [
        "x".to_owned(),
        format!("{signed}."),
        format!("{signed}.{reversed}"),
        format!("{token}.{signature}"),
        "x".repeat(1 << 20),
        format!("{0}.{0}.{signature}", base64_of(&nested)),
    ];
    for forged in forged {
        assert!(!is_active(&world.operator(), &forged).await);
    }
    world.clock.advance(Duration::from_secs(305));
    assert!(!is_active(&world.operator(), &token).await);

    let token = own_token(&world, "till", &secret).await;
    let request = DisableClientRequest { name: "clients/till".to_owned(), ..Default::default() };
    world.operator().clients().disable_client(request).await.unwrap();
    assert!(!is_active(&world.operator(), &token).await);
}

fn base64_of(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

#[tokio::test]
async fn times_that_are_none_make_a_token_inactive_and_an_assertion_refused() {
    let world = World::start().await;
    let secret = shop(&world, &["persons.read"]).await;
    let token = own_token(&world, "till", &secret).await;
    let mut parts = token.split('.');
    let (header, _, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let times =
        ["1e308", "1e999", "9223372036854775807", "18446744073709551616", "-1", "1.5", "\"9\"", "null"];
    for time in times.into_iter().chain(["1,\"exp\":2"]) {
        let claims = format!(r#"{{"iss":"till","sub":"till","aud":"x","jti":"1","iat":1,"exp":{time}}}"#);
        let spoilt = format!("{header}.{}.{signature}", base64_of(&claims));
        assert!(!is_active(&world.operator(), &spoilt).await, "{time}");
        let proof = Proof::ClientAssertion(spoilt);
        let refused = crate::tokens::issue(&world, proof, &[]).await;
        assert_refused(refused, Code::Unauthenticated, "CLIENT_AUTHENTICATION_FAILED");
        world.clock.advance(Duration::from_mins(1));
    }
}

#[tokio::test]
async fn a_token_is_revoked_once_and_refused_at_once() {
    let world = World::start().await;
    let secret = shop(&world, &["clients.read", "tokens.revoke"]).await;
    let (token, other) = (own_token(&world, "till", &secret).await, own_token(&world, "till", &secret).await);
    list_clients_with(&world, &token).await.unwrap();
    let till = world.with_secret("till", &secret);
    let revision = revoke(&till, &token).await;
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
    assert!(!is_active(&world.operator(), &token).await);
    // The second time nothing is written.
    assert_eq!(revoke(&till, &token).await, revision);
    assert_eq!(revoke(&till, "forged").await, revision);
    list_clients_with(&world, &other).await.unwrap();

    let world = world.restart().await;
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
    clean(&world).await;
}

#[tokio::test]
async fn a_revoked_token_is_forgotten_once_it_has_ended_by_itself() {
    let world = World::start().await;
    let secret = shop(&world, &["tokens.revoke"]).await;
    let (first, held) = (own_token(&world, "till", &secret).await, world.verify().await.subjects);
    revoke(&world.with_secret("till", &secret), &first).await;
    assert_eq!(world.verify().await.subjects, held + 1);
    world.clock.advance(Duration::from_hours(1));
    // Something is written since, and the tidying comes round.
    world.organization("rival", OrganizationRole::Platform).await;
    world.clock.advance(Duration::from_mins(1));
    eventually("the row is gone", async || (world.verify().await.subjects == held + 1).then_some(())).await;
    clean(&world).await;
    let world = world.restart().await;
    assert!(!is_active(&world.operator(), &first).await);
    clean(&world).await;
}

#[tokio::test]
async fn whose_token_it_is_decides_who_may_revoke_it() {
    let world = World::start().await;
    let till_secret = shop(&world, &["clients.read"]).await;
    let plain = world.client("plain", "shop", &["clients.read"]).await;
    let guard = world.client("guard", "shop", &["tokens.revoke"]).await;
    world.organization("rival", OrganizationRole::Platform).await;
    let rival = world.client("rival", "rival", &["tokens.revoke"]).await;
    let callers = [
        (world.with_secret("plain", &plain), false),
        (world.with_secret("rival", &rival), false),
        (world.with_secret("till", &till_secret), true),
        (world.with_secret("guard", &guard), true),
        (world.operator(), true),
    ];
    for (caller, may) in callers {
        let token = own_token(&world, "till", &till_secret).await;
        revoke(&caller, &token).await;
        assert_eq!(is_active(&world.operator(), &token).await, !may);
    }
    clean(&world).await;
}

#[tokio::test]
async fn all_tokens_of_a_client_are_revoked_and_new_ones_count() {
    let world = World::start().await;
    let secret = shop(&world, &["clients.read"]).await;
    let guard = world.client("guard", "shop", &["tokens.revoke"]).await;
    let guard = world.with_secret("guard", &guard);
    let rival = world.member("rival", OrganizationRole::Platform, &["tokens.revoke"]).await;
    let token = own_token(&world, "till", &secret).await;
    let request = |etag: &str| RevokeClientTokensRequest {
        name: "clients/till".to_owned(),
        etag: etag.to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    let unseen = { rival.tokens() }.revoke_client_tokens(request("")).await;
    assert_refused(unseen, Code::NotFound, "CLIENT_NOT_FOUND");
    let stale = { guard.tokens() }.revoke_client_tokens(request("\"99\"")).await;
    assert_refused(stale, Code::Aborted, "ETAG_MISMATCH");
    let name = "clients/till".to_owned();
    let read = world.operator().clients().get_client(GetClientRequest { name }).await.unwrap().into_inner();
    let etag = read.client.unwrap().etag;
    let dry = RevokeClientTokensRequest { validate_only: true, ..request(&etag) };
    let dry = { guard.tokens() }.revoke_client_tokens(dry).await.unwrap().into_inner();
    assert_eq!(dry.revision, "");
    list_clients_with(&world, &token).await.unwrap();

    let request = request(&etag);
    let done = { guard.tokens() }.revoke_client_tokens(request.clone()).await.unwrap().into_inner();
    assert_ne!(done.client.as_ref().unwrap().etag, etag);
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
    assert!(!is_active(&world.operator(), &token).await);
    world.clock.advance(Duration::from_secs(1));
    let fresh = own_token(&world, "till", &secret).await;
    // The same request again is the same answer, and takes no later token.
    assert_eq!({ guard.tokens() }.revoke_client_tokens(request).await.unwrap().into_inner(), done);
    list_clients_with(&world, &fresh).await.unwrap();
    assert!(is_active(&world.operator(), &fresh).await);
    clean(&world).await;
}

#[tokio::test]
async fn a_token_under_way_while_all_are_revoked_is_refused_and_one_asked_for_then_counts_at_once() {
    let world = World::start().await;
    let secret = shop(&world, &["clients.read"]).await;
    // Issued two seconds after the decision below: as if that commit had waited so long, or this clock were ahead.
    let ahead = world.replica_at(world.clock.now().plus(Duration::from_secs(2))).await;
    let token = own_token(&ahead, "till", &secret).await;
    let all = RevokeClientTokensRequest { name: "clients/till".to_owned(), ..Default::default() };
    world.operator().tokens().revoke_client_tokens(all).await.unwrap();
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
    assert!(!is_active(&world.operator(), &token).await);
    let fresh = own_token(&world, "till", &secret).await;
    list_clients_with(&world, &fresh).await.unwrap();
    assert!(is_active(&world.operator(), &fresh).await);
    world.clock.advance(Duration::from_secs(2));
    assert_refused(list_clients_with(&world, &token).await, Code::Unauthenticated, "TOKEN_REFUSED");
    clean(&world).await;
}

async fn another_replicas_word_counts(left: World, right: World) {
    let secret = shop(&left, &["clients.read"]).await;
    let token = own_token(&left, "till", &secret).await;
    assert!(is_active(&right.operator(), &token).await);
    revoke(&left.operator(), &token).await;
    assert!(!is_active(&right.operator(), &token).await);
    let token = own_token(&right, "till", &secret).await;
    let all = RevokeClientTokensRequest { name: "clients/till".to_owned(), ..Default::default() };
    left.operator().tokens().revoke_client_tokens(all).await.unwrap();
    assert!(!is_active(&right.operator(), &token).await);
    // Each revoked the same token at the same time: one event.
    left.clock.advance(Duration::from_secs(1));
    let token = own_token(&left, "till", &secret).await;
    let (one, other) = (left.operator(), right.operator());
    tokio::join!(revoke(&one, &token), revoke(&other, &token));
    clean(&left).await;
}

#[tokio::test]
async fn what_another_replica_revoked_is_inactive_at_once() {
    let left = World::start().await;
    let right = left.replica().await;
    another_replicas_word_counts(left, right).await;
}

#[tokio::test]
async fn on_postgres_what_another_replica_revoked_is_inactive_at_once() {
    let database = database::postgres().await;
    let left = World::with(|config| config.database_url.clone_from(&database.url)).await;
    let right = left.replica().await;
    another_replicas_word_counts(left, right).await;
}
