//! Signatures that are none: the edges of ECDSA (FIPS 186-5 §6.4.2: both numbers lie between 1 and n - 1), other encodings
//! and other lengths. Each is tried on an access token and on a client assertion.

use greenroom_auth::{Algorithm, AssertionFault, AssertionVerifier, Decoys, TokenFault};
use serde_json::json;

use crate::forge::{ISSUER, Mint, NOW, at, client, decode, encode, wire_claims, with};

/// The order of P-256 (SEC 2 §2.4.2).
const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

type Number = [u8; 32];

fn order() -> Number {
    let byte = |index: usize| u8::from_str_radix(&ORDER[2 * index..2 * index + 2], 16).unwrap();
    std::array::from_fn(byte)
}

/// `left - right`, without what is borrowed from beyond.
fn minus(left: Number, right: Number) -> Number {
    let mut difference = [0; 32];
    let mut borrowed = false;
    for index in (0..32).rev() {
        let (first, one) = left[index].overflowing_sub(right[index]);
        let (second, other) = first.overflowing_sub(u8::from(borrowed));
        difference[index] = second;
        borrowed = one || other;
    }
    difference
}

fn number(low: u8) -> Number {
    let mut number = [0; 32];
    number[31] = low;
    number
}

/// A token and an assertion, each with the verdict on whatever signature it is given.
struct Pair {
    mint: Mint,
    texts: [String; 2],
}

impl Pair {
    fn new(algorithm: Algorithm) -> Self {
        let mint = Mint::new(algorithm);
        let assertion = json!({
            "iss": "machine", "sub": "machine", "aud": ISSUER, "jti": "once-only", "exp": NOW + 60,
        });
        let token = mint.forge(&mint.header().to_string(), &wire_claims().to_string());
        let assertion = mint.forge(&with(&mint.header(), "typ", json!("JWT")), &assertion.to_string());
        Self { mint, texts: [token, assertion] }
    }

    fn faults(&self, spoil: impl Fn(&[u8]) -> Vec<u8>) -> [Option<TokenFault>; 2] {
        let [token, assertion] = self.texts.each_ref().map(|text| {
            let (signed, signature) = text.rsplit_once('.').unwrap();
            format!("{signed}.{}", encode(spoil(&decode(signature))))
        });
        let assertions = AssertionVerifier::new(ISSUER, ISSUER, Decoys::generate().unwrap());
        let proven = assertions.verify(&assertion, &client("machine"), &self.mint.keys, at(NOW));
        [self.mint.fault(&token), proven.err().map(AssertionFault::into_fault)]
    }
}

#[test]
fn numbers_outside_the_range_of_ecdsa_are_no_signature() {
    let pair = Pair::new(Algorithm::Es256);
    assert_eq!(pair.faults(<[u8]>::to_vec), [None, None]);
    let n = order();
    let edges = [
        number(0),
        number(1),
        n,
        minus(n, number(1)),
        // One more than the order.
        minus(n, [0xff; 32]),
        [0xff; 32],
    ];
    for left in edges {
        for right in edges {
            let faults = pair.faults(|_| [left, right].concat());
            assert_eq!(faults, [Some(TokenFault::BadSignature), Some(TokenFault::BadSignature)]);
        }
        for half in [0, 32] {
            let faults = pair.faults(|good| {
                let mut spoilt = good.to_vec();
                spoilt[half..half + 32].copy_from_slice(&left);
                spoilt
            });
            assert_eq!(faults, [Some(TokenFault::BadSignature), Some(TokenFault::BadSignature)]);
        }
    }
}

#[test]
fn an_ecdsa_signature_has_one_twin_and_no_other_spelling() {
    let pair = Pair::new(Algorithm::Es256);
    let halves = |good: &[u8]| -> (Number, Number) {
        (good[..32].try_into().unwrap(), good[32..].try_into().unwrap())
    };
    let twin = |good: &[u8]| {
        let (r, s) = halves(good);
        [r, minus(order(), s)].concat()
    };
    // Which is why a token's identity is its `jti`, and an assertion's is used up by `jti` too.
    assert_eq!(pair.faults(twin), [None, None]);
    let der = |good: &[u8]| {
        let (r, s) = halves(good);
        let integer = |number: Number| [&[0x02, 33, 0][..], &number].concat();
        [&[0x30, 70][..], &integer(r), &integer(s)].concat()
    };
    let swapped = |good: &[u8]| [&good[32..], &good[..32]].concat();
    let long = |good: &[u8]| [&[0][..], &good[..32], &[0], &good[32..]].concat();
    for spoilt in [pair.faults(der), pair.faults(swapped), pair.faults(long)] {
        assert_eq!(spoilt, [Some(TokenFault::BadSignature), Some(TokenFault::BadSignature)]);
    }
}

#[test]
fn a_signature_of_another_length_is_none() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
        let pair = Pair::new(algorithm);
        let none = [Some(TokenFault::BadSignature), Some(TokenFault::BadSignature)];
        for length in [1, 32, 63] {
            assert_eq!(pair.faults(|good| good[..length].to_vec()), none, "{algorithm:?} {length}");
        }
        for more in [vec![0], vec![0; 64], vec![0xff; 4000]] {
            assert_eq!(pair.faults(|good| [good, &more].concat()), none, "{algorithm:?}");
        }
        assert_eq!(pair.faults(|_| vec![0; 64]), none, "{algorithm:?}");
        let empty = [Some(TokenFault::NotThreeParts), Some(TokenFault::NotThreeParts)];
        assert_eq!(pair.faults(|_| Vec::new()), empty, "{algorithm:?}");
    }
}

#[test]
fn an_eddsa_signature_with_a_number_beyond_the_order_is_none() {
    // RFC 8032 §5.1.7: S lies below the order, or every signature would have twins.
    let pair = Pair::new(Algorithm::EdDsa);
    for byte in [0x10, 0x20, 0x40, 0x80, 0xff] {
        let faults = pair.faults(|good| {
            let mut spoilt = good.to_vec();
            spoilt[63] |= byte;
            spoilt
        });
        assert_eq!(faults, [Some(TokenFault::BadSignature), Some(TokenFault::BadSignature)]);
    }
}
