//! Attacks on the header and the signature of an access token.

use greenroom_auth::{Algorithm, KeyId, KeySet, TokenFault};
use jsonwebtoken::EncodingKey;
use serde_json::json;

use crate::forge::{Mint, NOW, at, decode, encode, good_claims, wire_claims, with};

#[test]
fn a_good_token_is_accepted() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let mint = Mint::new(algorithm);
        let forged = mint.forge(&mint.header().to_string(), &wire_claims().to_string());
        for token in [mint.good_token(), forged] {
            let verified = mint.verify(&token).unwrap();
            assert_eq!(verified.claims(), &good_claims());
            assert_eq!(verified.key_id(), mint.key.public().id());
        }
    }
}

#[test]
fn the_long_spelling_of_the_type_is_accepted_and_every_other_refused() {
    let mint = Mint::ed25519();
    let claims = wire_claims().to_string();
    let long = mint.forge(&with(&mint.header(), "typ", json!("application/at+jwt")), &claims);
    assert_eq!(mint.fault(&long), None);
    for typ in [
        json!("JWT"),
        json!("AT+JWT"),
        json!("at+JWT"),
        json!("at+jwt "),
        json!("jwt+at"),
        json!(""),
        json!("application/AT+JWT"),
        json!("logout+jwt"),
        json!("client-authentication+jwt"),
    ] {
        let token = mint.forge(&with(&mint.header(), "typ", typ.clone()), &claims);
        assert_eq!(mint.fault(&token), Some(TokenFault::WrongType), "{typ}");
    }
    let untyped = mint.forge(&with(&mint.header(), "typ", None), &claims);
    assert_eq!(mint.fault(&untyped), Some(TokenFault::WrongType));
    let listed = mint.forge(&with(&mint.header(), "typ", json!(["at+jwt"])), &claims);
    assert_eq!(mint.fault(&listed), Some(TokenFault::HeaderMalformed { name: "typ" }));
}

#[test]
fn an_unsigned_token_is_refused_however_none_is_spelled() {
    let mint = Mint::ed25519();
    let good = mint.good_token();
    for alg in ["none", "None", "NONE", "nOnE", "", "null"] {
        let header = with(&mint.header(), "alg", json!(alg));
        let unsigned = format!("{}.{}", encode(&header), encode(wire_claims().to_string()));
        assert_eq!(mint.fault(&format!("{unsigned}.")), Some(TokenFault::NotThreeParts), "{alg}");
        assert_eq!(mint.fault(&unsigned), Some(TokenFault::NotThreeParts), "{alg}");
        for signature in ["AA", good.rsplit('.').next().unwrap()] {
            let token = format!("{unsigned}.{signature}");
            assert_eq!(mint.fault(&token), Some(TokenFault::AlgorithmNotAccepted), "{alg}");
        }
    }
}

#[test]
fn the_public_key_is_no_shared_secret() {
    let mint = Mint::ed25519();
    let jwk = mint.key.public().to_jwk_json();
    let members: serde_json::Value = serde_json::from_str(&jwk).unwrap();
    let x = members["x"].as_str().unwrap();
    for (name, algorithm) in [
        ("HS256", jsonwebtoken::Algorithm::HS256),
        ("HS384", jsonwebtoken::Algorithm::HS384),
        ("HS512", jsonwebtoken::Algorithm::HS512),
    ] {
        for secret in [jwk.as_bytes(), x.as_bytes(), &decode(x), b""] {
            let header = with(&mint.header(), "alg", json!(name));
            let signed = format!("{}.{}", encode(&header), encode(wire_claims().to_string()));
            let key = EncodingKey::from_secret(secret);
            let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, algorithm).unwrap();
            let token = format!("{signed}.{signature}");
            assert_eq!(mint.fault(&token), Some(TokenFault::AlgorithmNotAccepted), "{name}");
        }
    }
}

#[test]
fn the_algorithm_is_that_of_the_key() {
    let mint = Mint::ed25519();
    let claims = wire_claims().to_string();
    for alg in ["ES256", "RS256", "PS256", "Ed25519"] {
        let token = mint.forge(&with(&mint.header(), "alg", json!(alg)), &claims);
        assert_eq!(mint.fault(&token), Some(TokenFault::AlgorithmMismatch), "{alg}");
    }
    for alg in ["ES384", "RS512", "EDDSA", "eddsa", "Ed448", "A128KW", "dir", "RSA-OAEP", "EdDSA\0", "EdDSA "]
    {
        let token = mint.forge(&with(&mint.header(), "alg", json!(alg)), &claims);
        assert_eq!(mint.fault(&token), Some(TokenFault::AlgorithmNotAccepted), "{alg}");
    }
    for alg in [None, Some(json!(null)), Some(json!(["EdDSA"])), Some(json!(true)), Some(json!({}))] {
        let token = mint.forge(&with(&mint.header(), "alg", alg), &claims);
        assert_eq!(mint.fault(&token), Some(TokenFault::HeaderMalformed { name: "alg" }));
    }
}

#[test]
fn a_key_that_the_sender_brings_is_not_looked_at() {
    let (mint, thief) = (Mint::ed25519(), Mint::ed25519());
    let jwk: serde_json::Value = serde_json::from_str(&thief.key.public().to_jwk_json()).unwrap();
    let url = json!("https://thief.example/jwks.json");
    for (name, value) in [
        ("jwk", jwk),
        ("jku", url.clone()),
        ("x5u", url),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("crit", json!(null)),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
    ] {
        for signer in [&mint, &thief] {
            let token = signer.forge(&with(&mint.header(), name, value.clone()), &wire_claims().to_string());
            assert_eq!(mint.fault(&token), Some(TokenFault::HeaderNotAccepted { name }), "{name}");
        }
    }
}

#[test]
fn a_key_id_chooses_among_known_keys_and_does_nothing_else() {
    let mint = Mint::ed25519();
    let claims = wire_claims().to_string();
    let fault = |kid: serde_json::Value| mint.fault(&mint.forge(&with(&mint.header(), "kid", kid), &claims));
    for kid in
        ["../../../../dev/null", "/etc/passwd", "*", "%00", "file:///dev/null", "1;DROP", "__proto__", "0"]
    {
        assert_eq!(fault(json!(kid)), Some(TokenFault::UnknownKey { kid: kid.to_owned() }));
    }
    let upper = mint.kid().to_uppercase();
    assert_eq!(fault(json!(upper)), Some(TokenFault::UnknownKey { kid: upper }));
    for kid in ["", " ", "' OR '1'='1", "a\"b", "a\nb", "a\0", "ｋ", &"k".repeat(129), &"k".repeat(5000)] {
        assert_eq!(fault(json!(kid)), Some(TokenFault::KeyIdMalformed), "{kid:?}");
    }
    for kid in [json!(1), json!(null), json!([mint.kid()]), json!({"kid": mint.kid()})] {
        assert_eq!(fault(kid), Some(TokenFault::HeaderMalformed { name: "kid" }));
    }
    let nameless = mint.forge(&with(&mint.header(), "kid", None), &claims);
    assert_eq!(mint.fault(&nameless), Some(TokenFault::KeyIdMissing));
}

#[test]
fn only_a_token_right_in_all_else_asks_for_fresh_keys() {
    let (mint, stranger) = (Mint::ed25519(), Mint::ed25519());
    let unknown = mint.fault(&stranger.good_token()).unwrap();
    assert!(unknown.is_unknown_key());
    let expired =
        stranger.forge(&stranger.header().to_string(), &with(&wire_claims(), "exp", json!(NOW - 10)));
    assert!(!mint.fault(&expired).unwrap().is_unknown_key());
    let foreign =
        stranger.forge(&stranger.header().to_string(), &with(&wire_claims(), "aud", json!("other")));
    assert!(!mint.fault(&foreign).unwrap().is_unknown_key());
}

#[test]
fn a_signature_of_another_key_is_refused_under_a_known_name() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let (mint, thief) = (Mint::new(algorithm), Mint::new(algorithm));
        let token = thief.forge(&mint.header().to_string(), &wire_claims().to_string());
        assert_eq!(mint.fault(&token), Some(TokenFault::BadSignature));
        let good = mint.good_token();
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let other = mint.forge(&mint.header().to_string(), &with(&wire_claims(), "jti", json!("another")));
        let (_, transplanted) = other.rsplit_once('.').unwrap();
        assert_eq!(mint.fault(&format!("{signed}.{transplanted}")), Some(TokenFault::BadSignature));
        let bytes = decode(signature);
        let longer = [&bytes[..], &[0]].concat();
        for spoilt in [&[0; 64][..], &bytes[..63], &bytes[1..], &longer, &[0xff; 64], &[1]] {
            let token = format!("{signed}.{}", encode(spoilt));
            assert_eq!(mint.fault(&token), Some(TokenFault::BadSignature), "{spoilt:?}");
        }
    }
}

#[test]
fn an_eddsa_signature_has_no_twin() {
    // The order of the base point, little end first: S + L verifies the same equation (RFC 8032 §5.1.7 has S < L).
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mint = Mint::ed25519();
    let token = mint.good_token();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = decode(signature);
    let mut carry = 0;
    for (byte, addend) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(addend) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(mint.fault(&format!("{signed}.{}", encode(bytes))), Some(TokenFault::BadSignature));
}

#[test]
fn a_key_under_another_name_is_another_key() {
    let mint = Mint::ed25519();
    let renamed = mint.key.public().clone().with_id(KeyId::parse("renamed").unwrap());
    let keys = KeySet::try_new([renamed]).unwrap();
    let verified = mint.verify(&mint.good_token()).unwrap();
    assert!(verified.key_is_in(&mint.keys) && !verified.key_is_in(&keys));
    let fault = mint.verifier.verify(&mint.good_token(), &keys, at(NOW)).unwrap_err();
    assert!(fault.is_unknown_key());
}
