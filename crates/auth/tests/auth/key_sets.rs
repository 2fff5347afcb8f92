//! Sets of JSON Web Keys: what is read, and why the rest is not.

use greenroom_auth::{Algorithm, JwkFault, KeyPurpose, KeySet, PublicKey};
use serde_json::{Value, json};

use crate::forge::{jwk, with};

fn set(keys: &Value, purpose: KeyPurpose) -> Result<KeySet, (usize, JwkFault)> {
    let document = json!({ "keys": keys }).to_string();
    KeySet::from_jwks(document.as_bytes(), purpose).map_err(|fault| (fault.position, fault.fault))
}

#[test]
fn a_set_survives_its_json() {
    let keys: Vec<_> = [Algorithm::EdDsa, Algorithm::Es256, Algorithm::EdDsa].into_iter().map(jwk).collect();
    let read = set(&json!(keys), KeyPurpose::TokenSigning).unwrap();
    assert_eq!((read.len(), read.skipped(), read.only()), (3, 0, None));
    let again = KeySet::from_jwks(read.to_jwks_json().as_bytes(), KeyPurpose::TokenSigning).unwrap();
    assert_eq!((&again, again.to_jwks_json()), (&read, read.to_jwks_json()));
    let kid = keys[1]["kid"].as_str().unwrap();
    assert_eq!(read.get(kid).map(PublicKey::algorithm), Some(Algorithm::Es256));
    assert!(read.get("").is_none() && read.iter().count() == 3);
}

#[test]
fn in_a_set_every_key_has_a_name_of_its_own() {
    let key = jwk(Algorithm::EdDsa);
    let nameless: Value = serde_json::from_str(&with(&key, "kid", None)).unwrap();
    let missing = JwkFault::MemberMissing { member: "kid" };
    assert_eq!(set(&json!([key, nameless]), KeyPurpose::TokenSigning), Err((1, missing)));
    let mut other = jwk(Algorithm::Es256);
    other["kid"] = key["kid"].clone();
    assert_eq!(set(&json!([key, other]), KeyPurpose::TokenSigning), Err((1, JwkFault::DuplicateKeyId)));
    assert_eq!(set(&json!([key, key]), KeyPurpose::ClientAssertion), Err((1, JwkFault::DuplicateKeyId)));
}

#[test]
fn one_bad_key_refuses_the_set() {
    let good = jwk(Algorithm::EdDsa);
    let encryption: Value = serde_json::from_str(&with(&jwk(Algorithm::Es256), "use", json!("enc"))).unwrap();
    let private: Value = serde_json::from_str(&with(&jwk(Algorithm::Es256), "d", json!("AA"))).unwrap();
    assert_eq!(set(&json!([good, encryption]), KeyPurpose::TokenSigning), Err((1, JwkFault::WrongUse)));
    let refused = Err((1, JwkFault::PrivateMember { member: "d" }));
    assert_eq!(set(&json!([good, private]), KeyPurpose::TokenSigning), refused);
    assert_eq!(set(&json!([good, 7]), KeyPurpose::TokenSigning), Err((1, JwkFault::NotJson)));
}

#[test]
fn kinds_invented_later_are_skipped_for_an_issuer_and_refused_for_a_client() {
    let good = jwk(Algorithm::EdDsa);
    let later = json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "later", "use": "sig"});
    let read = set(&json!([later, good]), KeyPurpose::TokenSigning).unwrap();
    assert_eq!((read.len(), read.skipped()), (1, 1));
    assert_eq!(read.only().map(|key| key.id().as_str()), good["kid"].as_str());
    assert_eq!(set(&json!([good, later]), KeyPurpose::ClientAssertion), Err((1, JwkFault::UnknownKind)));
    assert_eq!(set(&json!([later]), KeyPurpose::TokenSigning), Err((0, JwkFault::UnknownKind)));
}

#[test]
fn a_set_is_a_list_of_one_to_thirty_two_keys() {
    assert_eq!(set(&json!([]), KeyPurpose::TokenSigning), Err((0, JwkFault::WrongSet)));
    assert_eq!(set(&json!({}), KeyPurpose::TokenSigning), Err((0, JwkFault::WrongSet)));
    assert_eq!(set(&json!(vec![json!({}); 33]), KeyPurpose::TokenSigning), Err((0, JwkFault::WrongSet)));
    let whole = |text: &[u8]| KeySet::from_jwks(text, KeyPurpose::TokenSigning).map_err(|fault| fault.fault);
    assert_eq!(whole(b"{}"), Err(JwkFault::WrongSet));
    assert_eq!(whole(b"<html>"), Err(JwkFault::NotJson));
    assert_eq!(whole(br#"{"keys":[],"keys":[]}"#), Err(JwkFault::DuplicateMember));
    assert_eq!(whole(&vec![b' '; 70_000]), Err(JwkFault::NotJson));
}
