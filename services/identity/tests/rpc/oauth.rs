//! The token endpoint as OAuth libraries see it: plain HTTP/1.1.

use crate::tokens::{assertion, client_with_key, list_clients_with};
use crate::world::{ISSUER, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenroom_proto::identity::v1::OrganizationRole;
use serde_json::Value;
use std::fmt::Write as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub const FORM: &str = "application/x-www-form-urlencoded";
const GRANT: &str = "grant_type=client_credentials";

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

pub async fn send(world: &World, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
    for (name, value) in headers {
        write!(request, "{name}: {value}\r\n").unwrap();
    }
    write!(request, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut stream = TcpStream::connect(world.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_lowercase(), body: serde_json::from_str(body).unwrap_or_default() }
}

async fn token(world: &World, authorization: Option<&str>, form: &str) -> Answer {
    let mut headers = vec![("content-type", FORM)];
    headers.extend(authorization.map(|value| ("authorization", value)));
    let answer = send(world, "POST", "/oauth2/token", &headers, form).await;
    assert!(answer.head.contains("cache-control: no-store"), "{}", answer.head);
    answer
}

pub fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")))
}

async fn till(world: &World) -> String {
    world.organization("shop", OrganizationRole::Platform).await;
    world.client("till", "shop", &["clients.read", "persons.read"]).await
}

#[tokio::test]
async fn every_way_to_authenticate_obtains_a_token_that_works() {
    let world = World::start().await;
    let secret = till(&world).await;
    let key = client_with_key(&world, "keyed", &["clients.read"]).await;
    let signed = assertion(&world, "keyed", &key, &format!("{ISSUER}/oauth2/token"), "one");
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let ways = [
        (Some(basic("till", &secret)), GRANT.to_owned()),
        (None, format!("{GRANT}&client_id=till&client_secret={secret}&scope=clients.read")),
        (
            None,
            format!(
                "{GRANT}&client_assertion_type={kind}&client_assertion={signed}&resource=greenroom-identity"
            ),
        ),
    ];
    for (authorization, form) in ways {
        let answer = token(&world, authorization.as_deref(), &form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&"Bearer".into(), &300.into()));
        list_clients_with(&world, answer.body["access_token"].as_str().unwrap()).await.unwrap();
    }
    let replayed = format!("{GRANT}&client_assertion_type={kind}&client_assertion={signed}");
    let refused = token(&world, None, &replayed).await;
    assert_eq!((refused.status, &refused.body["error"]), (401, &"invalid_client".into()));
}

#[tokio::test]
async fn refusals_are_told_as_the_standard_spells_them() {
    let world = World::start().await;
    let secret = till(&world).await;
    let right = basic("till", &secret);
    let cases = [
        (Some(right.as_str()), "grant_type=password".to_owned(), 400, "unsupported_grant_type"),
        (Some(&right), String::new(), 400, "invalid_request"),
        (Some(&right), format!("{GRANT}&{GRANT}"), 400, "invalid_request"),
        (Some(&right), format!("{GRANT}&client_id=till&client_secret={secret}"), 400, "invalid_request"),
        (Some(&right), format!("{GRANT}&client_id=other"), 401, "invalid_client"),
        (Some(&right), format!("{GRANT}&scope=persons.write"), 400, "invalid_scope"),
        (Some(&right), format!("{GRANT}&resource=elsewhere"), 400, "invalid_target"),
        (
            Some(&right),
            format!("{GRANT}&resource=greenroom-identity&resource=greenroom-registry"),
            400,
            "invalid_target",
        ),
        (Some(&right), format!("{GRANT}&audience=greenroom-registry"), 400, "invalid_scope"),
        (None, GRANT.to_owned(), 401, "invalid_client"),
        (None, format!("{GRANT}&client_id=till&client_secret=wrong"), 401, "invalid_client"),
        (None, format!("{GRANT}&client_assertion=a.b.c"), 400, "invalid_request"),
    ];
    for (authorization, form, status, error) in cases {
        let answer = token(&world, authorization, &form).await;
        assert_eq!((answer.status, &answer.body["error"]), (status, &error.into()), "{form}");
        assert_eq!(answer.head.contains("www-authenticate: basic"), status == 401, "{form}");
    }
}

#[tokio::test]
async fn an_unknown_client_and_a_wrong_secret_get_the_same_answer() {
    let world = World::start().await;
    till(&world).await;
    let wrong = token(&world, Some(&basic("till", "wrong")), GRANT).await;
    let unknown = token(&world, Some(&basic("nobody", "wrong")), GRANT).await;
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
}

#[tokio::test]
async fn a_refusal_says_what_to_change() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read", "permissions.check"]).await;
    let right = basic("till", &secret);
    let cases = [
        ("&scope=persons.fly", "invalid_scope", "'persons.fly'"),
        ("&scope=persons.fly%22%5C%E9&resource=greenroom-identity", "invalid_scope", "'persons.fly"),
        (
            "&scope=clients.read%20persons.read",
            "invalid_scope",
            "no scope 'persons.read' for 'greenroom-identity'",
        ),
        ("&scope=clients.read%20permissions.check", "invalid_scope", "several services"),
        (
            "&resource=greenroom-identity&resource=greenroom-registry",
            "invalid_target",
            "one 'resource' a token",
        ),
        ("&resource=elsewhere", "invalid_target", "'greenroom-identity', 'greenroom-certification'"),
        ("&resource=greenroom-identity&audience=greenroom-registry", "invalid_target", "name two services"),
        ("", "invalid_target", "'greenroom-identity', 'greenroom-registry'"),
    ];
    for (form, error, said) in cases {
        let answer = token(&world, Some(&right), &format!("{GRANT}{form}")).await;
        let told = answer.body["error_description"].as_str().unwrap();
        assert_eq!((answer.status, &answer.body["error"]), (400, &error.into()), "{form}: {told}");
        assert!(told.contains(said), "{form}: {told}");
    }
    let key = client_with_key(&world, "keyed", &["clients.read"]).await;
    let signed = assertion(&world, "keyed", &key, "https://elsewhere.example", "one");
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let form = format!("{GRANT}&client_assertion_type={kind}&client_assertion={signed}");
    let answer = token(&world, None, &form).await;
    assert_eq!((answer.status, &answer.body["error"]), (401, &"invalid_client".into()));
    let told = answer.body["error_description"].as_str().unwrap();
    assert!(told.contains(&format!("'aud' must be '{ISSUER}'")), "{told}");
}

#[tokio::test]
async fn scopes_of_several_services_need_a_named_one() {
    let world = World::start().await;
    world.organization("shop", OrganizationRole::Platform).await;
    let secret = world.client("till", "shop", &["clients.read", "permissions.check"]).await;
    let unclear = token(&world, Some(&basic("till", &secret)), GRANT).await;
    assert_eq!((unclear.status, &unclear.body["error"]), (400, &"invalid_target".into()));
    let form = format!("{GRANT}&resource=greenroom-registry");
    let named = token(&world, Some(&basic("till", &secret)), &form).await;
    assert_eq!((named.status, &named.body["scope"]), (200, &"permissions.check".into()));
}

#[tokio::test]
async fn another_content_type_is_refused() {
    let world = World::start().await;
    let answer = send(&world, "POST", "/oauth2/token", &[("content-type", "application/json")], "{}").await;
    assert_eq!((answer.status, &answer.body["error"]), (400, &"invalid_request".into()));
    assert_eq!(send(&world, "GET", "/oauth2/token", &[], "").await.status, 405);
}

#[tokio::test]
async fn the_metadata_leads_a_library_to_endpoint_and_keys() {
    let world = World::start().await;
    let metadata = send(&world, "GET", "/.well-known/oauth-authorization-server", &[], "").await;
    assert_eq!(metadata.status, 200);
    assert_eq!(metadata.body["issuer"], ISSUER);
    assert_eq!(metadata.body["token_endpoint"], format!("{ISSUER}/oauth2/token"));
    assert_eq!(metadata.body["grant_types_supported"], serde_json::json!(["client_credentials"]));
    for endpoint in ["introspection", "revocation"] {
        let path = if endpoint == "revocation" { "revoke" } else { "introspect" };
        assert_eq!(metadata.body[format!("{endpoint}_endpoint")], format!("{ISSUER}/oauth2/{path}"));
        let methods = &metadata.body[format!("{endpoint}_endpoint_auth_methods_supported")];
        assert_eq!(*methods, metadata.body["token_endpoint_auth_methods_supported"]);
        let algorithms = &metadata.body[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")];
        assert_eq!(*algorithms, metadata.body["token_endpoint_auth_signing_alg_values_supported"]);
    }
    assert!(metadata.body["scopes_supported"].as_array().unwrap().contains(&"permissions.check".into()));

    let keys = send(&world, "GET", "/.well-known/jwks.json", &[], "").await;
    assert!(keys.head.contains("cache-control: public, max-age=300"), "{}", keys.head);
    let [key] = keys.body["keys"].as_array().unwrap().as_slice() else { panic!("{}", keys.body) };
    assert_eq!((&key["kty"], &key["d"]), (&"OKP".into(), &Value::Null));
}

#[tokio::test]
async fn no_foreign_content_type_leads_around_the_door() {
    let world = World::start().await;
    let path = "/greenroom.identity.v1.PersonService/ResolvePersons";
    for content_type in ["application/json", "text/plain", "application/grpc-web"] {
        let answer = send(&world, "POST", path, &[("content-type", content_type)], "\0\0\0\0\0").await;
        let refused = answer.status >= 400 || answer.head.contains("grpc-status: 16");
        assert!(refused, "{content_type}: {}", answer.head);
    }
}

#[tokio::test]
async fn a_form_of_very_many_parameters_and_an_overlong_scope_are_refused() {
    let world = World::start().await;
    let secret = till(&world).await;
    let many = "&p=1".repeat(32);
    let answer = token(&world, Some(&basic("till", &secret)), &format!("{GRANT}{many}")).await;
    assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some("invalid_request")));
    assert!(answer.body["error_description"].as_str().unwrap().contains("32"), "{}", answer.body);
    let long = "x".repeat(65);
    let answer = token(&world, Some(&basic("till", &secret)), &format!("{GRANT}&scope={long}")).await;
    assert_eq!((answer.status, answer.body["error"].as_str()), (400, Some("invalid_scope")));
}

#[tokio::test]
async fn the_answer_tells_when_the_credential_ends() {
    let world = World::start().await;
    let secret = till(&world).await;
    let form = format!("{GRANT}&scope=clients.read");
    let endless = token(&world, Some(&basic("till", &secret)), &form).await;
    assert_eq!((endless.status, &endless.body["credential_not_after"]), (200, &Value::Null));
    let end = greenroom_rpc::clock::Clock::now(&world.clock).plus(std::time::Duration::from_hours(1));
    let request = greenroom_proto::identity::v1::CreateClientRequest {
        credential_not_after_time: Some(greenroom_rpc::wire::timestamp(end)),
        ..crate::world::new_client("kiosk", "shop", &["clients.read"])
    };
    let created = world.operator().clients().create_client(request).await.unwrap().into_inner();
    let ending = token(&world, Some(&basic("kiosk", &created.client_secret)), &form).await;
    assert_eq!(ending.body["credential_not_after"], end.as_micros() / 1_000_000);
}
