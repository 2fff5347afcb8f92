//! What other people's clients do with tokens, clients and organizations after they were made.

use super::suite::{Demo, call, outside, script, services_alone};
use serde_json::{Value, json};
use std::process::Command;

/// A client of the demo's platform that may introspect; gives its secret.
fn client_with_secret(demo: &Demo) -> String {
    let request = json!({
        "clientId": "gateway",
        "requestId": greenroom_tests::request_id(),
        "client": {
            "organization": "organizations/demo-platform",
            "displayName": "gateway in another language",
            "scopes": ["tokens.introspect"],
        },
        "generatedSecret": {},
    });
    let created =
        call(demo.folder.path(), demo.base, "suite-operator", "ClientService.CreateClient", &request);
    created["clientSecret"].as_str().unwrap().to_owned()
}

fn python(base: u16, secret: &str, words: &[&str]) -> Value {
    let issuer = format!("http://127.0.0.1:{base}");
    let done = Command::new(outside("python"))
        .arg(script("token_life.py"))
        .args([&issuer, "gateway", secret])
        .args(words)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn outside_an_oauth_library_introspects_and_revokes_from_the_metadata_document_alone() {
    let demo = Demo::start();
    let secret = client_with_secret(&demo);
    let told = python(demo.base, &secret, &["life"]);
    assert_eq!((&told["before"]["active"], &told["before"]["client_id"]), (&json!(true), &json!("gateway")));
    assert_eq!(told["revoked"], json!([200, 200]));
    assert_eq!((&told["after"], &told["forged"]), (&json!({"active": false}), &json!({"active": false})));
    for (what, status, error) in [
        ("wrong_secret", 401, "invalid_client"),
        ("wrong_grant", 400, "unsupported_grant_type"),
        ("wrong_scope", 400, "invalid_scope"),
        ("no_token", 400, "invalid_request"),
        ("nothing_to_revoke", 400, "invalid_request"),
    ] {
        assert_eq!(told[what], json!([status, error]), "{what}");
    }
}

#[test]
fn outside_a_jose_library_verifies_tokens_before_during_and_after_a_rotation() {
    let demo = Demo::start();
    let secret = client_with_secret(&demo);
    let rotate = |rotation: &str| {
        let request = json!({"rotation": rotation, "requestId": greenroom_tests::request_id()});
        call(demo.folder.path(), demo.base, "suite-operator", "TokenService.RotateSigningKey", &request)
    };
    let before = python(demo.base, &secret, &["fetch"]);
    assert_eq!((&before["verifies"], &before["published"]), (&json!(true), &json!(1)));
    let token = before["token"].as_str().unwrap();

    rotate("SIGNING_KEY_ROTATION_PUBLISH_FIRST");
    assert_eq!(
        python(demo.base, &secret, &["verify", token]),
        json!({"verifies": true, "published": 2, "algorithms": ["EdDSA"]})
    );
    let during = python(demo.base, &secret, &["fetch"]);
    assert_eq!((&during["verifies"], &during["published"]), (&json!(true), &json!(2)));

    rotate("SIGNING_KEY_ROTATION_COMPROMISED");
    assert_eq!(
        python(demo.base, &secret, &["verify", token]),
        json!({"verifies": false, "published": 1, "algorithms": ["EdDSA"]})
    );
    let after = python(demo.base, &secret, &["fetch"]);
    assert_eq!((&after["verifies"], &after["published"]), (&json!(true), &json!(1)));
}

/// For libraries that cannot read EdDSA.
#[test]
fn outside_a_jose_library_verifies_es256_and_the_registry_admits_it() {
    let demo = Demo::start();
    let (secret, streamer) = (client_with_secret(&demo), demo.streamer());
    let (folder, ports) = demo.stop();
    let start = || services_alone(folder.path(), ports.base, "signing_algorithm = \"ES256\"");
    let services = start();
    let request = json!({
        "rotation": "SIGNING_KEY_ROTATION_COMPROMISED",
        "requestId": greenroom_tests::request_id(),
    });
    let rotated =
        call(folder.path(), ports.base, "suite-operator", "TokenService.RotateSigningKey", &request);
    assert_eq!(rotated["nextKey"]["algorithm"], "ES256");
    // Who starts anew reads the new keys first.
    for service in services {
        service.terminate();
    }
    let services = start();
    let fetched = python(ports.base, &secret, &["fetch"]);
    assert_eq!((&fetched["verifies"], &fetched["published"]), (&json!(true), &json!(1)));
    assert_eq!(fetched["algorithms"], json!(["ES256"]));
    let request = json!({"streamer": streamer});
    let answer =
        call(folder.path(), ports.base, "demo-platform", "PermissionService.CheckPermission", &request);
    assert!(answer["decision"]["outcome"].is_string(), "{answer}");
    for service in services {
        service.terminate();
    }
}

#[test]
fn outside_grpcurl_suspends_reinstates_rotates_and_registers() {
    let demo = Demo::start();
    client_with_secret(&demo);
    let address = format!("127.0.0.1:{}", demo.base);
    let grpcurl = |client: &str, method: &str, request: &Value| -> Value {
        let bearer = format!("authorization: Bearer {}", demo.token(client, "greenroom-identity"));
        let done = Command::new(outside("grpcurl"))
            .args(["-plaintext", "-H", &bearer, "-d", &request.to_string(), &address])
            .arg(format!("greenroom.identity.v1.{method}"))
            .output()
            .unwrap();
        assert!(done.status.success(), "{method}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    };
    let name = json!({"name": "organizations/demo-visitor"});
    let mut suspension = name.clone();
    suspension["reason"] = json!("a look at grpcurl");
    let suspended = grpcurl("suite-operator", "OrganizationService/SuspendOrganization", &suspension);
    assert_eq!(suspended["organization"]["state"], "ORGANIZATION_STATE_SUSPENDED");
    let reinstated = grpcurl("suite-operator", "OrganizationService/ReinstateOrganization", &name);
    assert_eq!(reinstated["organization"]["state"], "ORGANIZATION_STATE_ACTIVE");

    let rotation = json!({"name": "clients/gateway", "requestId": greenroom_tests::request_id()});
    let rotated = grpcurl("suite-operator", "ClientService/RotateClientSecret", &rotation);
    assert!(
        rotated["clientSecret"].as_str().is_some_and(|secret| secret.len() > 20),
        "{}",
        rotated["client"]
    );

    let network = json!({"networkNumber": "GREENROOMSAMPLE0001"});
    let registered =
        grpcurl("demo-platform", "PersonService/RegisterPerson", &json!({"networkIdentity": network}));
    let person = &registered["person"]["name"];
    assert!(person.as_str().is_some_and(|name| name.starts_with("persons/")), "{registered}");
    let wrong = json!({"realName": "样例", "documentType": "DOCUMENT_TYPE_RESIDENT_IDENTITY_CARD", "documentNumber": "1"});
    let batch = json!({"registrations": [{"networkIdentity": network}, {"claim": wrong}]});
    let outcomes = grpcurl("demo-platform", "PersonService/BatchRegisterPersons", &batch);
    assert_eq!(&outcomes["outcomes"][0]["person"]["name"], person);
    assert_eq!(outcomes["outcomes"][1]["failure"]["reason"], "FIELDS_INVALID");
}
