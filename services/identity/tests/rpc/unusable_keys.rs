//! Keys that could never be used are refused when they are registered, each with its reason.

use crate::credentials::add_key;
use crate::world::{World, assert_refused, new_client};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenroom_auth::{Algorithm, SigningKey};
use greenroom_proto::identity::v1::add_client_key_request::Credential as Added;
use greenroom_proto::identity::v1::create_client_request::Credential;
use greenroom_proto::identity::v1::{CreateClientRequest, OrganizationRole};
use serde_json::{Value, json};
use tonic::Code;

fn with(base: &Value, member: &str, value: Value) -> String {
    let mut key = base.clone();
    key[member] = value;
    key.to_string()
}

fn made(algorithm: Algorithm) -> Value {
    let (key, _) = SigningKey::generate(algorithm).unwrap();
    serde_json::from_str(&key.public().to_jwk_json()).unwrap()
}

/// A key with a modulus of that many bytes.
fn rsa(bytes: usize) -> Value {
    let n = URL_SAFE_NO_PAD.encode(vec![0xff; bytes]);
    json!({"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "rsa"})
}

/// Every kind of key nobody could ever use, with words of the reason that is told.
fn unusable() -> Vec<(&'static str, String, &'static str)> {
    let (ed25519, p256) = (made(Algorithm::EdDsa), made(Algorithm::Es256));
    let zeros = "A".repeat(43);
    let text = ed25519.to_string();
    vec![
        ("private members", with(&ed25519, "d", json!("c2VjcmV0")), "no longer secret"),
        ("private members", with(&rsa(256), "p", json!("c2VjcmV0")), "no longer secret"),
        ("symmetric", r#"{"kty":"oct","k":"c2VjcmV0","kid":"s"}"#.to_owned(), "no longer secret"),
        ("symmetric", r#"{"kty":"oct","kid":"s"}"#.to_owned(), "type or curve"),
        ("wrong use", with(&p256, "use", json!("enc")), "`use`"),
        ("wrong key_ops", with(&p256, "key_ops", json!(["sign"])), "`key_ops`"),
        ("wrong alg", with(&ed25519, "alg", json!("ES256")), "`alg`"),
        ("wrong alg", with(&p256, "alg", json!("none")), "`alg`"),
        ("weak RSA", rsa(128).to_string(), "bits"),
        ("huge RSA", rsa(1024).to_string(), "bits"),
        ("weak exponent", with(&rsa(256), "e", json!("Aw")), "not a valid public key"),
        ("RSA without alg", with(&rsa(256), "alg", Value::Null), "`alg`"),
        ("P-521", with(&p256, "crv", json!("P-521")), "type or curve"),
        ("X25519", with(&ed25519, "crv", json!("X25519")), "type or curve"),
        ("duplicate members", text.replacen('{', r#"{"kty":"RSA","#, 1), "twice"),
        ("a point off the curve", with(&p256, "y", json!(zeros)), "not a valid public key"),
        (
            "a point at infinity",
            with(&with_value(&p256, "x", &zeros), "y", json!(zeros)),
            "not a valid public key",
        ),
        ("a point of small order", with(&ed25519, "x", json!(zeros)), "not a valid public key"),
        ("a short coordinate", with(&p256, "x", json!("AA")), "`x`"),
        ("a key id of spaces", with(&p256, "kid", json!("a b")), "`kid`"),
        ("not JSON", "-----BEGIN PUBLIC KEY-----".to_owned(), "JSON"),
        ("a set", json!({"keys": [ed25519]}).to_string(), "`kty`"),
        ("nothing", String::new(), "JSON"),
    ]
}

fn with_value(base: &Value, member: &str, value: &str) -> Value {
    let mut key = base.clone();
    key[member] = json!(value);
    key
}

#[tokio::test]
async fn a_key_that_could_never_be_used_is_refused_with_its_reason() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    world.client("till", "shop", &["clients.read"]).await;
    let mut clients = world.operator().clients();
    for (what, jwk, reason) in unusable() {
        let request = CreateClientRequest {
            credential: Some(Credential::PublicJwk(jwk.clone())),
            ..new_client("kiosk", "shop", &["clients.read"])
        };
        let created = clients.create_client(request).await;
        let refused = assert_refused(created, Code::InvalidArgument, "KEY_UNUSABLE");
        assert!(refused.message().contains(reason), "{what}: {}", refused.message());
        assert!(!refused.message().contains("c2VjcmV0"), "{what}");
        let added = add_key(&world, "till", Added::PublicJwk(jwk), None).await;
        let again = assert_refused(added, Code::InvalidArgument, "KEY_UNUSABLE");
        assert_eq!(again.message(), refused.message(), "{what}");
    }
}

#[tokio::test]
async fn two_keys_of_one_id_are_not_held_by_one_client() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    world.client("till", "shop", &["clients.read"]).await;
    let named = |algorithm| Added::PublicJwk(with(&made(algorithm), "kid", json!("mine")));
    add_key(&world, "till", named(Algorithm::EdDsa), None).await.unwrap();
    let refused = add_key(&world, "till", named(Algorithm::Es256), None).await;
    assert_refused(refused, Code::AlreadyExists, "KEY_EXISTS");
    // Nor with the id of a secret.
    let as_secret = Added::PublicJwk(with(&made(Algorithm::EdDsa), "kid", json!("secret-1")));
    let refused = add_key(&world, "till", as_secret, None).await;
    assert_refused(refused, Code::AlreadyExists, "KEY_EXISTS");
}
