//! JSON Web Keys: what is read, and why the rest is not.

use greenroom_auth::{Algorithm, JwkFault, KeyId, KeyPurpose, PublicKey, SigningFault, SigningKey};
use serde_json::{Value, json};

use crate::forge::{encode, good_claims, jwk, with};

fn rsa(bits: usize) -> Value {
    let mut n = vec![0xff; bits / 8];
    n[0] = 0x80;
    json!({"kty": "RSA", "n": encode(n), "e": "AQAB", "alg": "RS256", "kid": "rsa"})
}

fn fault(jwk: &str) -> Option<JwkFault> {
    PublicKey::from_jwk(jwk, KeyPurpose::ClientAssertion).err()
}

#[test]
fn a_key_survives_its_json() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let (key, document) = SigningKey::generate(algorithm).unwrap();
        let read = PublicKey::from_jwk(&key.public().to_jwk_json(), KeyPurpose::TokenSigning).unwrap();
        assert_eq!((&read, read.algorithm()), (key.public(), algorithm));
        let again = SigningKey::from_pkcs8(&document).unwrap();
        assert_eq!(again.public(), key.public());
        let named = again.with_id(KeyId::parse("mine").unwrap());
        assert_eq!(
            (named.public().id().as_str(), named.public().thumbprint()),
            ("mine", key.public().thumbprint())
        );
        assert!(named.issue(&good_claims()).is_ok());
    }
    let read = PublicKey::from_jwk(&rsa(2048).to_string(), KeyPurpose::ClientAssertion).unwrap();
    assert_eq!(PublicKey::from_jwk(&read.to_jwk_json(), KeyPurpose::ClientAssertion), Ok(read));
}

#[test]
fn a_private_key_is_refused_and_not_repeated() {
    for base in [jwk(Algorithm::EdDsa), jwk(Algorithm::Es256), rsa(2048)] {
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            let refused = fault(&with(&base, member, json!("c2VjcmV0"))).unwrap();
            assert_eq!(refused, JwkFault::PrivateMember { member });
            assert!(!refused.to_string().contains("c2VjcmV0"));
        }
    }
}

#[test]
fn a_key_for_another_use_is_refused() {
    let base = jwk(Algorithm::EdDsa);
    for value in [json!("enc"), json!("SIG"), json!(""), json!(["sig"]), json!(null)] {
        assert_eq!(fault(&with(&base, "use", value.clone())), Some(JwkFault::WrongUse), "{value}");
    }
    for value in [
        json!(["sign"]),
        json!(["verify", "sign"]),
        json!(["verify", "verify"]),
        json!([]),
        json!("verify"),
        json!(null),
    ] {
        assert_eq!(
            fault(&with(&base, "key_ops", value.clone())),
            Some(JwkFault::WrongKeyOperations),
            "{value}"
        );
    }
    assert_eq!(fault(&with(&base, "key_ops", json!(["verify"]))), None);
    assert_eq!(fault(&with(&base, "use", None)), None);
}

#[test]
fn a_key_has_the_algorithm_of_its_type() {
    let (ed25519, p256) = (jwk(Algorithm::EdDsa), jwk(Algorithm::Es256));
    for alg in ["ES256", "RS256", "none", "HS256", "EDDSA", ""] {
        assert_eq!(fault(&with(&ed25519, "alg", json!(alg))), Some(JwkFault::WrongAlgorithm), "{alg}");
    }
    for alg in ["EdDSA", "ES384", "PS256", "ECDH-ES"] {
        assert_eq!(fault(&with(&p256, "alg", json!(alg))), Some(JwkFault::WrongAlgorithm), "{alg}");
    }
    for alg in ["RS384", "RS1", "RSA-OAEP", "EdDSA", "ES256"] {
        assert_eq!(fault(&with(&rsa(2048), "alg", json!(alg))), Some(JwkFault::WrongAlgorithm), "{alg}");
    }
    assert_eq!(fault(&with(&rsa(2048), "alg", None)), Some(JwkFault::MemberMissing { member: "alg" }));
    for (key, alg) in [
        (&ed25519, json!("Ed25519").into()),
        (&ed25519, None),
        (&p256, None),
        (&rsa(2048), json!("PS256").into()),
    ] {
        assert_eq!(fault(&with(key, "alg", alg)), None);
    }
    assert_eq!(fault(&with(&p256, "alg", json!(1))), Some(JwkFault::MemberMalformed { member: "alg" }));
}

#[test]
fn unknown_types_and_curves_are_named_so() {
    let (ed25519, p256) = (jwk(Algorithm::EdDsa), jwk(Algorithm::Es256));
    for kty in ["oct", "AKP", "okp", "ec", "", "RSA2"] {
        assert_eq!(fault(&with(&ed25519, "kty", json!(kty))), Some(JwkFault::UnknownKind), "{kty}");
    }
    for (key, curve) in [
        (&ed25519, "Ed448"),
        (&ed25519, "X25519"),
        (&p256, "P-384"),
        (&p256, "secp256k1"),
        (&p256, "Ed25519"),
    ] {
        assert_eq!(fault(&with(key, "crv", json!(curve))), Some(JwkFault::UnknownKind), "{curve}");
    }
    let signing = PublicKey::from_jwk(&rsa(2048).to_string(), KeyPurpose::TokenSigning);
    assert_eq!(signing.err(), Some(JwkFault::UnknownKind));
}

#[test]
fn members_must_be_there_and_of_their_length() {
    let (ed25519, p256, rsa) = (jwk(Algorithm::EdDsa), jwk(Algorithm::Es256), rsa(2048));
    let needed = [
        (&ed25519, &["kty", "crv", "x"][..]),
        (&p256, &["kty", "crv", "x", "y"]),
        (&rsa, &["kty", "n", "e"]),
    ];
    for (key, members) in needed {
        for member in members {
            assert_eq!(fault(&with(key, member, None)), Some(JwkFault::MemberMissing { member }));
            let malformed = Some(JwkFault::MemberMalformed { member });
            assert_eq!(fault(&with(key, member, json!(7))), malformed, "{member}");
        }
    }
    let zeros = format!("AA{}", p256["x"].as_str().unwrap());
    for (key, member) in [(&ed25519, "x"), (&p256, "x"), (&p256, "y")] {
        let malformed = Some(JwkFault::MemberMalformed { member });
        for text in
            ["", "AA", &encode([1; 31]), &encode([1; 33]), &format!("{}=", encode([1; 32])), "!", &zeros]
        {
            assert_eq!(fault(&with(key, member, json!(text))), malformed, "{member} {text}");
        }
    }
    for member in ["n", "e"] {
        let malformed = Some(JwkFault::MemberMalformed { member });
        for text in ["", "AAEAAQ", "A", "AQAB="] {
            assert_eq!(fault(&with(&rsa, member, json!(text))), malformed, "{member} {text}");
        }
    }
}

#[test]
fn weak_and_impossible_keys_are_refused() {
    for bits in [512, 1024, 2040, 4104, 8192] {
        let size = Some(JwkFault::ModulusSize { bits });
        assert_eq!(fault(&rsa(bits).to_string()), size);
    }
    assert_eq!((fault(&rsa(2048).to_string()), fault(&rsa(4096).to_string())), (None, None));
    for e in [[1].as_slice(), &[3], &[1, 0, 0]] {
        assert_eq!(fault(&with(&rsa(2048), "e", json!(encode(e)))), Some(JwkFault::Invalid), "{e:?}");
    }
    let p256 = jwk(Algorithm::Es256);
    for y in [encode([0; 32]), encode([1; 32]), encode([0xff; 32])] {
        assert_eq!(fault(&with(&p256, "y", json!(y))), Some(JwkFault::Invalid), "{y}");
    }
    let ed25519 = jwk(Algorithm::EdDsa);
    let mut neutral = [0; 32];
    neutral[0] = 1;
    for x in [[0; 32], neutral, [0xff; 32]] {
        assert_eq!(fault(&with(&ed25519, "x", json!(encode(x)))), Some(JwkFault::Invalid), "{x:?}");
    }
}

#[test]
fn a_key_document_is_one_bounded_object() {
    let text = jwk(Algorithm::EdDsa).to_string();
    let double = text.replacen('{', r#"{"kty":"oct","#, 1);
    assert_eq!(fault(&double), Some(JwkFault::DuplicateMember));
    let huge = with(&jwk(Algorithm::EdDsa), "x5c", json!("A".repeat(20_000)));
    for document in ["", "[]", "null", "{", &format!("{text}{text}"), &huge, "-----BEGIN PUBLIC KEY-----"] {
        assert_eq!(fault(document), Some(JwkFault::NotJson));
    }
    for kid in [json!(""), json!(7), json!("a b"), json!("k".repeat(129)), json!(null)] {
        let refused = fault(&with(&jwk(Algorithm::EdDsa), "kid", kid));
        assert_eq!(refused, Some(JwkFault::MemberMalformed { member: "kid" }));
    }
}

#[test]
fn only_ed25519_and_p256_keys_sign() {
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        assert_eq!(SigningKey::generate(algorithm).err(), Some(SigningFault::WrongAlgorithm));
    }
    let (_, document) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    for der in [&[][..], b"garbage", &document[..document.len() - 1], &document[1..]] {
        assert_eq!(SigningKey::from_pkcs8(der).err(), Some(SigningFault::NotAKey));
    }
}

#[test]
fn a_private_key_is_never_printed() {
    let (key, document) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let printed = format!("{key:?}");
    assert!(printed.contains(key.public().id().as_str()));
    let bytes: Vec<String> = document.iter().map(u8::to_string).collect();
    assert!(!printed.contains(&bytes[16..20].join(", ")) && !printed.contains("encoding"));
}
