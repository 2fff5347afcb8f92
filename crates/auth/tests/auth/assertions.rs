//! Client assertions: `private_key_jwt`, good and bad.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaPublicKeyComponents,
};
use greenroom_auth::{
    Algorithm, AssertionClaims, AssertionFault, AssertionVerifier, Decoys, KeyPurpose, KeySet, PublicKey,
    TokenFault, VerifiedAssertion, peek_client_id,
};
use serde_json::{Value, json};

use crate::forge::{ISSUER, Mint, NOW, at, client, encode, with};

const ENDPOINT: &str = "https://identity.example/oauth2/token";

fn verifier() -> AssertionVerifier {
    AssertionVerifier::new(ISSUER, ENDPOINT, Decoys::generate().unwrap())
}

fn verify(assertion: &str, keys: &KeySet) -> Result<VerifiedAssertion, TokenFault> {
    let verified = verifier().verify(assertion, &client("machine"), keys, at(NOW));
    verified.map_err(AssertionFault::into_fault)
}

fn good() -> AssertionClaims {
    AssertionClaims {
        client_id: client("machine"),
        audience: ENDPOINT.to_owned(),
        assertion_id: "once-only".to_owned(),
        issue_time: at(NOW),
        expire_time: at(NOW + 60),
    }
}

fn wire() -> Value {
    json!({"iss": "machine", "sub": "machine", "aud": ENDPOINT, "jti": "once-only", "exp": NOW + 60})
}

fn forged(mint: &Mint, claims: &str) -> Option<TokenFault> {
    verify(&mint.forge(&with(&mint.header(), "typ", json!("JWT")), claims), &mint.keys).err()
}

#[test]
fn an_assertion_proves_the_client_and_names_what_to_remember() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let mint = Mint::new(algorithm);
        let assertion = mint.key.sign_assertion(&good()).unwrap();
        assert_eq!(peek_client_id(&assertion), Ok(client("machine")));
        let verified = verify(&assertion, &mint.keys).unwrap();
        assert_eq!((verified.client_id.as_str(), verified.assertion_id.as_str()), ("machine", "once-only"));
        assert_eq!((verified.expire_time, &verified.key_id), (at(NOW + 60), mint.key.public().id()));
        let late = verifier().verify(&assertion, &client("machine"), &mint.keys, verified.remember_until());
        let expired = TokenFault::Expired { expire_time: at(NOW + 60) };
        assert_eq!(late, Err(AssertionFault::Signed(expired)));
    }
}

#[test]
fn the_issuer_and_the_endpoint_are_the_only_audiences() {
    let mint = Mint::ed25519();
    let fault = |aud: Value| forged(&mint, &with(&wire(), "aud", aud));
    for aud in [json!(ISSUER), json!(ENDPOINT), json!([ISSUER]), json!([ENDPOINT])] {
        assert_eq!(fault(aud.clone()), None, "{aud}");
    }
    for aud in [
        json!("https://other.example"),
        json!("https://identity.example/"),
        json!("https://identity.example/oauth2"),
        json!([ISSUER, ENDPOINT]),
        json!([ISSUER, "https://other.example"]),
        json!(""),
    ] {
        assert_eq!(fault(aud.clone()), Some(TokenFault::WrongAudience), "{aud}");
    }
}

#[test]
fn issuer_and_subject_are_the_client_whose_keys_were_looked_up() {
    let mint = Mint::ed25519();
    for name in ["iss", "sub"] {
        assert_eq!(
            forged(&mint, &with(&wire(), name, json!("other"))),
            Some(TokenFault::SubjectMismatch),
            "{name}"
        );
        assert_eq!(forged(&mint, &with(&wire(), name, None)), Some(TokenFault::ClaimMissing { name }));
    }
    let assertion = mint.key.sign_assertion(&good()).unwrap();
    let other = verifier().verify(&assertion, &client("other"), &mint.keys, at(NOW));
    assert_eq!(other, Err(AssertionFault::Unproven(TokenFault::SubjectMismatch)));
}

#[test]
fn expiry_and_id_are_required_and_bounded() {
    let mint = Mint::ed25519();
    for name in ["exp", "jti"] {
        assert_eq!(forged(&mint, &with(&wire(), name, None)), Some(TokenFault::ClaimMissing { name }));
    }
    let expiring = |second: i64| forged(&mint, &with(&wire(), "exp", json!(second)));
    assert_eq!(expiring(NOW + 3600), None);
    assert_eq!(expiring(NOW + 3606), Some(TokenFault::LifetimeNotAccepted));
    assert_eq!(expiring(253_402_300_799), Some(TokenFault::LifetimeNotAccepted));
    assert_eq!(expiring(NOW - 5), Some(TokenFault::Expired { expire_time: at(NOW - 5) }));
    for name in ["iat", "nbf"] {
        let late = forged(&mint, &with(&wire(), name, json!(NOW + 6)));
        assert_eq!(late, Some(TokenFault::NotYetValid { start_time: at(NOW + 6) }));
        let text = forged(&mint, &with(&wire(), name, json!("now")));
        assert_eq!(text, Some(TokenFault::ClaimMalformed { name }));
    }
}

#[test]
fn what_is_wrong_with_the_claims_is_told_to_the_client_alone() {
    let (mint, stranger) = (Mint::ed25519(), Mint::ed25519());
    let spoilt = [("aud", json!("https://other.example")), ("exp", json!(NOW - 60)), ("jti", json!(""))];
    for (name, value) in spoilt {
        let claims = with(&wire(), name, value);
        let header = with(&mint.header(), "typ", json!("JWT"));
        let verify = |assertion: String| {
            verifier().verify(&assertion, &client("machine"), &mint.keys, at(NOW)).unwrap_err()
        };
        let own = verify(mint.forge(&header, &claims));
        assert!(matches!(own, AssertionFault::Signed(_)), "{name}: {own:?}");
        let forged = verify(stranger.forge(&header, &claims));
        assert_eq!(forged, AssertionFault::Unproven(TokenFault::BadSignature), "{name}");
    }
}

#[test]
fn an_access_token_is_no_assertion_and_the_reverse() {
    let mint = Mint::ed25519();
    let typed = |typ: Option<Value>| {
        verify(&mint.forge(&with(&mint.header(), "typ", typ), &wire().to_string()), &mint.keys).err()
    };
    for typ in [None, Some(json!("JWT")), Some(json!("jwt")), Some(json!("client-authentication+jwt"))] {
        assert_eq!(typed(typ.clone()), None, "{typ:?}");
    }
    for typ in ["at+jwt", "application/at+jwt", "logout+jwt", "dpop+jwt", ""] {
        assert_eq!(typed(Some(json!(typ))), Some(TokenFault::WrongType), "{typ}");
    }
    let assertion = mint.key.sign_assertion(&good()).unwrap();
    assert_eq!(mint.fault(&assertion), Some(TokenFault::WrongType));
}

#[test]
fn the_key_is_one_of_the_client_and_its_algorithm_is_fixed() {
    let (mint, other) = (Mint::ed25519(), Mint::ed25519());
    let sign = |header: &str| mint.forge(header, &wire().to_string());
    let plain = with(&mint.header(), "typ", None);
    assert!(verify(&sign(&plain), &other.keys).unwrap_err().is_unknown_key());
    let stolen = other.forge(&plain, &wire().to_string());
    assert_eq!(verify(&stolen, &mint.keys), Err(TokenFault::BadSignature));
    let header: Value = serde_json::from_str(&plain).unwrap();
    for (alg, fault) in [
        ("none", TokenFault::AlgorithmNotAccepted),
        ("HS256", TokenFault::AlgorithmNotAccepted),
        ("RS256", TokenFault::AlgorithmMismatch),
        ("ES256", TokenFault::AlgorithmMismatch),
    ] {
        assert_eq!(verify(&sign(&with(&header, "alg", json!(alg))), &mint.keys), Err(fault), "{alg}");
    }
    // The fully specified name of the same algorithm, as younger libraries write it (RFC 9864).
    assert!(verify(&sign(&with(&header, "alg", json!("Ed25519"))), &mint.keys).is_ok());
    assert!(verify(&sign(&plain), &KeySet::default()).unwrap_err().is_unknown_key());
}

#[test]
fn a_client_with_one_key_need_not_name_it() {
    let (mint, other) = (Mint::ed25519(), Mint::ed25519());
    let nameless = mint.forge(r#"{"alg":"EdDSA"}"#, &wire().to_string());
    assert!(verify(&nameless, &mint.keys).is_ok());
    let both = KeySet::try_new([mint.key.public().clone(), other.key.public().clone()]).unwrap();
    assert_eq!(verify(&nameless, &both), Err(TokenFault::KeyIdMissing));
    assert_eq!(verify(&nameless, &KeySet::default()), Err(TokenFault::KeyIdMissing));
}

#[test]
fn a_client_that_is_only_looked_up_is_not_believed() {
    let mint = Mint::ed25519();
    let peek = |claims: &str| peek_client_id(&mint.forge("{}", claims));
    assert_eq!(peek(r#"{"iss":"a","sub":"a"}"#), Ok(client("a")));
    assert_eq!(peek(r#"{"iss":"a","sub":"b"}"#), Err(TokenFault::SubjectMismatch));
    assert_eq!(peek(r#"{"iss":"a"}"#), Err(TokenFault::ClaimMissing { name: "sub" }));
    assert_eq!(peek(r#"{"iss":"../a","sub":"../a"}"#), Err(TokenFault::ClaimMalformed { name: "iss" }));
    assert_eq!(peek_client_id(&"a".repeat(9000)), Err(TokenFault::TooLong { bytes: 9000 }));
    assert_eq!(peek_client_id("garbage"), Err(TokenFault::NotThreeParts));
}

/// A client that signs with RSA, as far as the key is registered for `algorithm`.
fn rsa_keys(pair: &KeyPair, algorithm: &str) -> KeySet {
    let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    let jwk =
        json!({"kty": "RSA", "n": encode(n), "e": encode(e), "alg": algorithm, "kid": "rsa"}).to_string();
    KeySet::try_new([PublicKey::from_jwk(&jwk, KeyPurpose::ClientAssertion).unwrap()]).unwrap()
}

fn rsa_signed(pair: &KeyPair, alg: &str, encoding: &'static dyn RsaEncoding) -> String {
    let header = json!({"alg": alg, "kid": "rsa"}).to_string();
    let signed = format!("{}.{}", encode(header), encode(wire().to_string()));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", encode(signature))
}

#[test]
fn an_rsa_key_signs_in_the_padding_it_is_registered_for() {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let (pkcs1, pss) = (rsa_keys(&pair, "RS256"), rsa_keys(&pair, "PS256"));
    let good_pkcs1 = rsa_signed(&pair, "RS256", &RSA_PKCS1_SHA256);
    let good_pss = rsa_signed(&pair, "PS256", &RSA_PSS_SHA256);
    assert!(verify(&good_pkcs1, &pkcs1).is_ok() && verify(&good_pss, &pss).is_ok());
    assert_eq!(verify(&good_pkcs1, &pss), Err(TokenFault::AlgorithmMismatch));
    assert_eq!(verify(&good_pss, &pkcs1), Err(TokenFault::AlgorithmMismatch));
    let mislabelled = rsa_signed(&pair, "RS256", &RSA_PSS_SHA256);
    assert_eq!(verify(&mislabelled, &pkcs1), Err(TokenFault::BadSignature));
    // The public key as an HMAC secret: the classic confusion needs an RSA key to be tried with.
    let der = pair.public_key().as_der().unwrap();
    let signed = format!("{}.{}", encode(r#"{"alg":"HS256","kid":"rsa"}"#), encode(wire().to_string()));
    let key = jsonwebtoken::EncodingKey::from_secret(der.as_ref());
    let tag = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, jsonwebtoken::Algorithm::HS256).unwrap();
    assert_eq!(verify(&format!("{signed}.{tag}"), &pkcs1), Err(TokenFault::AlgorithmNotAccepted));
}
