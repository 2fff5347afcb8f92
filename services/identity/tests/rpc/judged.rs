//! Introspection and revocation as OAuth libraries see them: plain HTTP/1.1.

use crate::oauth::{Answer, FORM, basic, send};
use crate::tokens::{assertion, client_with_key, issue_with_secret, list_clients_with};
use crate::world::{ISSUER, World, refused_since};
use greenroom_proto::identity::v1::OrganizationRole;
use serde_json::{Value, json};

async fn post(world: &World, path: &str, authorization: Option<&str>, form: &str) -> Answer {
    let mut headers = vec![("content-type", FORM)];
    headers.extend(authorization.map(|value| ("authorization", value)));
    let answer = send(world, "POST", path, &headers, form).await;
    assert!(answer.head.contains("cache-control: no-store"), "{}", answer.head);
    answer
}

async fn introspect(world: &World, authorization: &str, token: &str) -> Value {
    let answer = post(world, "/oauth2/introspect", Some(authorization), &format!("token={token}")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn revoke(world: &World, authorization: &str, token: &str) {
    let form = format!("token={token}&token_type_hint=refresh_token");
    let answer = post(world, "/oauth2/revoke", Some(authorization), &form).await;
    assert_eq!((answer.status, answer.body), (200, Value::Null));
}

struct Shop {
    world: World,
    till: String,
    desk: String,
    plain: String,
    rival: String,
}

/// A till, a desk that is told of tokens and revokes them, a client that may nothing of that, and a desk elsewhere.
async fn shop() -> Shop {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    world.organization("rival", OrganizationRole::Platform).await;
    let till = world.client("till", "shop", &["clients.read"]).await;
    let plain = basic("plain", &world.client("plain", "shop", &["clients.read"]).await);
    let desk = basic("desk", &world.client("desk", "shop", &["tokens.introspect", "tokens.revoke"]).await);
    let scopes = ["tokens.introspect", "tokens.revoke"];
    let rival = basic("rival", &world.client("rival", "rival", &scopes).await);
    Shop { world, till, desk, plain, rival }
}

#[tokio::test]
async fn an_active_token_is_told_with_the_members_of_the_standard() {
    let Shop { world, till, desk, rival, .. } = shop().await;
    let token = issue_with_secret(&world, "till", &till).await.unwrap().access_token;
    let told = introspect(&world, &desk, &token).await;
    let (issued, jti) = (told["iat"].as_i64().unwrap(), told["jti"].clone());
    assert_eq!(
        told,
        json!({
            "active": true, "scope": "clients.read", "client_id": "till", "token_type": "Bearer",
            "exp": issued + 300, "iat": issued, "sub": "till", "aud": "greenroom-identity", "iss": ISSUER,
            "jti": jti, "org": "shop", "org_roles": ["PLATFORM"],
        })
    );
    for (authorization, token) in [(&rival, token.as_str()), (&desk, "forged"), (&desk, &token[1..])] {
        assert_eq!(introspect(&world, authorization, token).await, json!({"active": false}));
    }
    revoke(&world, &desk, &token).await;
    assert_eq!(introspect(&world, &desk, &token).await, json!({"active": false}));
}

#[tokio::test]
async fn a_client_revokes_its_own_tokens_and_a_desk_those_of_its_organization() {
    let Shop { world, till, desk, plain, rival } = shop().await;
    let own = basic("till", &till);
    for (authorization, refused) in [(&plain, false), (&rival, false), (&own, true), (&desk, true)] {
        let token = issue_with_secret(&world, "till", &till).await.unwrap().access_token;
        revoke(&world, authorization, &token).await;
        let ask = async || list_clients_with(&world, &token).await;
        let called = if refused { refused_since(ask).await } else { ask().await };
        assert_eq!(called.is_err(), refused);
        revoke(&world, authorization, &token).await;
    }
    revoke(&world, &own, "unknown").await;
    let report = world.verify().await;
    assert!(report.is_clean(), "{report:?}");
}

#[tokio::test]
async fn a_client_with_a_key_asks_and_revokes_with_an_assertion() {
    let world = World::start().await;
    let key = client_with_key(&world, "keyed", &["tokens.introspect"]).await;
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    for (path, id) in [("/oauth2/introspect", "one"), ("/oauth2/revoke", "two")] {
        let signed = assertion(&world, "keyed", &key, ISSUER, id);
        let form = format!("token=x&client_assertion_type={kind}&client_assertion={signed}");
        assert_eq!(post(&world, path, None, &form).await.status, 200);
        let replayed = post(&world, path, None, &form).await;
        assert_eq!((replayed.status, &replayed.body["error"]), (401, &"invalid_client".into()));
    }
}

#[tokio::test]
async fn both_endpoints_refuse_as_the_standard_spells_it() {
    let Shop { world, desk, plain, till, .. } = shop().await;
    let (right, wrong) = (Some(desk.as_str()), basic("desk", "wrong"));
    let cases = [
        (right, String::new(), 400, "invalid_request"),
        (right, "token=".to_owned(), 400, "invalid_request"),
        (right, "token=a&token=b".to_owned(), 400, "invalid_request"),
        (right, format!("token=a&client_id=till&client_secret={till}"), 400, "invalid_request"),
        (right, "token=a&client_id=till".to_owned(), 401, "invalid_client"),
        (right, format!("token=a{}", "&p=1".repeat(32)), 400, "invalid_request"),
        (None, "token=a".to_owned(), 401, "invalid_client"),
        (None, "token=a&client_id=till&client_secret=wrong".to_owned(), 401, "invalid_client"),
        (None, "token=a&client_assertion=a.b.c".to_owned(), 400, "invalid_request"),
        (Some(&wrong), "token=a".to_owned(), 401, "invalid_client"),
        (Some("Bearer abc"), "token=a".to_owned(), 401, "invalid_client"),
    ];
    for path in ["/oauth2/introspect", "/oauth2/revoke"] {
        for (authorization, form, status, error) in &cases {
            let answer = post(&world, path, *authorization, form).await;
            assert_eq!((answer.status, &answer.body["error"]), (*status, &(*error).into()), "{path} {form}");
            assert_eq!(answer.head.contains("www-authenticate: basic"), *status == 401, "{form}");
            assert!(answer.body["error_description"].as_str().unwrap().is_ascii());
        }
        let other = send(&world, "POST", path, &[("content-type", "application/json")], "{}").await;
        assert_eq!((other.status, &other.body["error"]), (400, &"invalid_request".into()));
        for method in ["GET", "PUT", "DELETE"] {
            let answer = send(&world, method, path, &[], "").await;
            assert_eq!(answer.status, 405);
            assert!(answer.head.contains("allow: post"), "{}", answer.head);
        }
        let huge = format!("token={}", "x".repeat(1 << 17));
        assert_eq!(post(&world, path, right, &huge).await.status, 400);
    }
    let refused = post(&world, "/oauth2/introspect", Some(&plain), "token=a").await;
    assert_eq!((refused.status, &refused.body["error"]), (403, &"insufficient_scope".into()));
}
