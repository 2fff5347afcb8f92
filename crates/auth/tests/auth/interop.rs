//! Others must be able to read what we write: the library used plainly, and the vectors of the RFCs.

use greenroom_auth::{Algorithm, KeyPurpose, KeySet, PublicKey, SigningKey};
use jsonwebtoken::jwk::{JwkSet, ThumbprintHash};
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::Value;

use crate::forge::{AUDIENCE, ISSUER, Mint, encode, wire_claims};

fn validation(algorithm: jsonwebtoken::Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[AUDIENCE]);
    validation.set_issuer(&[ISSUER]);
    validation.set_required_spec_claims(&["iss", "aud", "exp", "sub", "iat", "jti"]);
    // The tests' clock stands still; the library reads the machine's.
    validation.validate_exp = false;
    validation
}

#[test]
fn a_plain_library_verifies_our_tokens_with_our_key_set() {
    let (ed25519, es256) = (Mint::ed25519(), Mint::new(Algorithm::Es256));
    let keys = KeySet::try_new([ed25519.key.public().clone(), es256.key.public().clone()]).unwrap();
    let set: JwkSet = serde_json::from_str(&keys.to_jwks_json()).unwrap();
    for mint in [&ed25519, &es256] {
        let token = mint.good_token();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!((header.typ.as_deref(), header.kid.as_deref()), (Some("at+jwt"), Some(mint.kid())));
        let jwk = set.find(header.kid.as_deref().unwrap()).unwrap();
        let key = DecodingKey::from_jwk(jwk).unwrap();
        let read = jsonwebtoken::decode::<Value>(&token, &key, &validation(header.alg)).unwrap();
        assert_eq!(read.claims, wire_claims());
    }
}

#[test]
fn a_plain_library_computes_the_same_thumbprints() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_str(&key.public().to_jwk_json()).unwrap();
        assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), key.public().id().as_str());
    }
}

#[test]
fn what_a_plain_library_signs_we_verify() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let mint = Mint::new(algorithm);
        let mut header = jsonwebtoken::Header::new(match algorithm {
            Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            _ => jsonwebtoken::Algorithm::ES256,
        });
        (header.typ, header.kid) = (Some("at+jwt".to_owned()), Some(mint.kid().to_owned()));
        let token = jsonwebtoken::encode(&header, &wire_claims(), &mint.encoding).unwrap();
        assert!(mint.verify(&token).is_ok());
    }
}

#[test]
fn the_rfc_8037_key_has_its_thumbprint() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let key = PublicKey::from_jwk(jwk, KeyPurpose::TokenSigning).unwrap();
    assert_eq!(key.id().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(encode(key.thumbprint()), key.id().as_str());
}

#[test]
fn the_rfc_7638_key_has_its_thumbprint() {
    let n = concat!(
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3",
        "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA",
        "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-",
        "kEgU8awapJzKnqDKgw",
    );
    let jwk = format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB","alg":"RS256","kid":"2011-04-29"}}"#);
    let key = PublicKey::from_jwk(&jwk, KeyPurpose::ClientAssertion).unwrap();
    assert_eq!(key.id().as_str(), "2011-04-29");
    assert_eq!(encode(key.thumbprint()), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}
