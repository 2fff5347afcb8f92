//! Attacks on the claims of an access token, all rightly signed.

use greenroom_auth::{Confirmation, IssueFault, Part, Scopes, TokenFault};
use serde_json::{Value, json};

use crate::forge::{AUDIENCE, ISSUER, Mint, NOW, at, encode, fault_of, good_claims, wire_claims, with};

const REQUIRED: [&str; 10] =
    ["iss", "sub", "client_id", "aud", "org", "org_roles", "scope", "iat", "exp", "jti"];

#[test]
fn every_claim_is_required() {
    let mint = Mint::ed25519();
    for name in REQUIRED {
        let fault = fault_of(&mint, &with(&wire_claims(), name, None));
        assert_eq!(fault, Some(TokenFault::ClaimMissing { name }), "{name}");
    }
}

#[test]
fn a_claim_of_the_wrong_type_is_not_taken_for_an_absent_one() {
    let mint = Mint::ed25519();
    for name in REQUIRED.into_iter().chain(["nbf", "person", "cnf"]) {
        for value in [json!(null), json!(true), json!({}), json!({"a": 1}), json!([[]]), json!([1])] {
            let fault = fault_of(&mint, &with(&wire_claims(), name, value.clone()));
            assert_eq!(fault, Some(TokenFault::ClaimMalformed { name }), "{name} {value}");
        }
    }
}

#[test]
fn a_claim_stated_twice_is_refused() {
    let mint = Mint::ed25519();
    let good = wire_claims().to_string();
    for first in
        [r#""exp":9999999999"#, r#""sub":"admin""#, "\"\\u0073ub\":\"admin\"", r#""a":{"b":1,"b":1}"#]
    {
        let claims = good.replacen('{', &format!("{{{first},"), 1);
        let part = Part::Claims;
        assert_eq!(fault_of(&mint, &claims), Some(TokenFault::DuplicateMember { part }), "{first}");
    }
}

#[test]
fn the_issuer_is_compared_byte_by_byte() {
    let mint = Mint::ed25519();
    let almost = [
        "",
        "https://identity.example/",
        "https://identity.example:443",
        "HTTPS://identity.example",
        "http://identity.example",
        "https://identity.example.thief.example",
        "https://identity.example\0",
    ];
    for issuer in almost {
        let fault = fault_of(&mint, &with(&wire_claims(), "iss", json!(issuer)));
        assert_eq!(fault, Some(TokenFault::WrongIssuer), "{issuer}");
    }
    let listed = fault_of(&mint, &with(&wire_claims(), "iss", json!([ISSUER])));
    assert_eq!(listed, Some(TokenFault::ClaimMalformed { name: "iss" }));
}

#[test]
fn a_token_is_for_one_audience_and_that_is_us() {
    let mint = Mint::ed25519();
    let fault = |aud: Value| fault_of(&mint, &with(&wire_claims(), "aud", aud));
    assert_eq!(fault(json!([AUDIENCE])), None);
    for aud in [
        json!("greenroom.identity"),
        json!(""),
        json!("GREENROOM.REGISTRY"),
        json!("greenroom.registry "),
        json!("greenroom.registry greenroom.identity"),
        json!(["greenroom.identity"]),
        json!([AUDIENCE, "greenroom.identity"]),
        json!(["greenroom.identity", AUDIENCE]),
        json!([AUDIENCE, AUDIENCE]),
    ] {
        assert_eq!(fault(aud.clone()), Some(TokenFault::WrongAudience), "{aud}");
    }
    assert_eq!(fault(json!([])), Some(TokenFault::ClaimMalformed { name: "aud" }));
}

#[test]
fn subject_and_client_are_one() {
    let mint = Mint::ed25519();
    for name in ["sub", "client_id"] {
        let fault = fault_of(&mint, &with(&wire_claims(), name, json!("another-client")));
        assert_eq!(fault, Some(TokenFault::SubjectMismatch), "{name}");
    }
    let named = fault_of(&mint, &with(&wire_claims(), "client_id", json!("clients/platform-backend")));
    assert_eq!(named, Some(TokenFault::ClaimMalformed { name: "client_id" }));
}

#[test]
fn ids_scopes_and_names_keep_to_their_alphabets() {
    let mint = Mint::ed25519();
    let long = "j".repeat(129);
    for (name, values) in [
        ("client_id", vec!["", "A", "a b", "../a", "a\u{0}", "ａ"]),
        ("org", vec!["", "Platform", "a/b", "-a"]),
        ("person", vec!["", "王芳", "a b"]),
        ("scope", vec!["", " ", "a  b", " a", "a\"b", "a\tb", "é"]),
        ("jti", vec!["", " ", "a b", "a\n", "é", &long]),
    ] {
        for value in values {
            let fault = fault_of(&mint, &with(&wire_claims(), name, json!(value)));
            assert_eq!(fault, Some(TokenFault::ClaimMalformed { name }), "{name} {value:?}");
        }
    }
}

#[test]
fn an_unknown_role_grants_nothing_and_too_many_are_refused() {
    let mint = Mint::ed25519();
    let roles = json!(["PLATFORM", "EMPEROR", "platform", ""]);
    let token = mint.forge(&mint.header().to_string(), &with(&wire_claims(), "org_roles", roles));
    assert_eq!(mint.verify(&token).unwrap().claims().roles, good_claims().roles);
    let none = mint.forge(&mint.header().to_string(), &with(&wire_claims(), "org_roles", json!([])));
    assert!(mint.verify(&none).unwrap().caller().roles.is_empty());
    let many = fault_of(&mint, &with(&wire_claims(), "org_roles", json!(vec!["PLATFORM"; 17])));
    assert_eq!(many, Some(TokenFault::ClaimMalformed { name: "org_roles" }));
}

#[test]
fn a_binding_that_is_not_understood_is_not_ignored() {
    let mint = Mint::ed25519();
    let hash = encode([7; 32]);
    for cnf in [
        json!({"jkt": hash}),
        json!({"x5t#S256": hash, "jkt": hash}),
        json!({"x5t#S256": encode([7; 31])}),
        json!({"x5t#S256": ""}),
        json!({"x5t#S256": format!("{hash}=")}),
        json!({"x5t#S256": 7}),
        json!(hash),
        json!({"X5T#S256": hash}),
    ] {
        let fault = fault_of(&mint, &with(&wire_claims(), "cnf", cnf.clone()));
        assert_eq!(fault, Some(TokenFault::ClaimMalformed { name: "cnf" }), "{cnf}");
    }
}

#[test]
fn a_bound_token_needs_its_certificate() {
    let mint = Mint::ed25519();
    let confirmation = Some(Confirmation::to_certificate(b"certificate"));
    let token = mint.key.issue(&greenroom_auth::AccessClaims { confirmation, ..good_claims() }).unwrap();
    let bound = mint.verify(&token).unwrap();
    assert_eq!(bound.check_binding(Some(b"certificate")), Ok(()));
    for other in [None, Some(&b"certificatf"[..]), Some(b""), Some(b"certificate\0")] {
        assert_eq!(bound.check_binding(other), Err(TokenFault::WrongCertificate));
    }
    let bearer = mint.verify(&mint.good_token()).unwrap();
    assert_eq!((bearer.check_binding(None), bearer.check_binding(Some(b"any"))), (Ok(()), Ok(())));
}

#[test]
fn what_would_be_refused_is_not_issued() {
    let mint = Mint::ed25519();
    let endless = greenroom_auth::AccessClaims { expire_time: at(NOW + 3601), ..good_claims() };
    let dead = greenroom_auth::AccessClaims { expire_time: at(NOW), ..good_claims() };
    let powerless = greenroom_auth::AccessClaims { scope: Scopes::default(), ..good_claims() };
    let nameless = greenroom_auth::AccessClaims { token_id: String::new(), ..good_claims() };
    for claims in [endless, dead, powerless, nameless] {
        assert!(matches!(mint.key.issue(&claims), Err(IssueFault::Claims(_))), "{claims:?}");
    }
}

#[test]
fn refusals_repeat_nothing_secret() {
    let mint = Mint::ed25519();
    let token = mint.forge(&mint.header().to_string(), &with(&wire_claims(), "iss", json!("secret-word")));
    let fault = mint.fault(&token).unwrap();
    assert!(!format!("{fault} {fault:?}").contains("secret-word"));
    assert!(!format!("{:?}", mint.key).contains("PRIVATE"));
}
