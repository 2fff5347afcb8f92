//! Attacks on the times in an access token, all rightly signed.

use greenroom_auth::{Part, TokenFault};
use greenroom_domain::kernel::Timestamp;
use serde_json::{Value, json};

use crate::forge::{Mint, NOW, at, fault_of, wire_claims, with};

#[test]
fn a_time_is_whole_seconds_of_a_year_that_has_four_digits() {
    let mint = Mint::ed25519();
    let good = wire_claims().to_string();
    for name in ["exp", "iat", "nbf"] {
        for text in [
            "\"1800000600\"",
            "1800000600.0",
            "1800000600.5",
            "1.8000006e9",
            "-1",
            "-0",
            "-9223372036854775808",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999999999999999",
            "1e300",
            "253402300800",
            "1800000600000",
        ] {
            let mut object = wire_claims();
            object.as_object_mut().unwrap().remove(name);
            let claims = object.to_string().replacen('{', &format!(r#"{{"{name}":{text},"#), 1);
            assert_eq!(fault_of(&mint, &claims), Some(TokenFault::ClaimMalformed { name }), "{name} {text}");
        }
        for text in ["1e999", "NaN", "Infinity", "-Infinity", "0x10", "01", "+1", "1_000", "1."] {
            let claims = good.replacen('{', &format!(r#"{{"extra":{text},"#), 1);
            let part = Part::Claims;
            assert_eq!(fault_of(&mint, &claims), Some(TokenFault::NotJson { part }), "{text}");
        }
    }
}

#[test]
fn time_has_five_seconds_of_leeway_and_no_more() {
    let mint = Mint::ed25519();
    let fault = |name: &str, second: i64| fault_of(&mint, &with(&wire_claims(), name, json!(second)));
    let old = with(&wire_claims(), "iat", json!(NOW - 100));
    let expiring = |second: i64| {
        let claims: Value = serde_json::from_str(&old).unwrap();
        fault_of(&mint, &with(&claims, "exp", json!(second)))
    };
    assert_eq!((expiring(NOW + 1), expiring(NOW), expiring(NOW - 4)), (None, None, None));
    assert_eq!(expiring(NOW - 5), Some(TokenFault::Expired { expire_time: at(NOW - 5) }));
    for name in ["iat", "nbf"] {
        assert_eq!(fault(name, NOW + 5), None, "{name}");
        assert_eq!(fault(name, NOW + 6), Some(TokenFault::NotYetValid { start_time: at(NOW + 6) }), "{name}");
    }
}

#[test]
fn extreme_clocks_neither_panic_nor_let_pass() {
    let mint = Mint::ed25519();
    let token = mint.good_token();
    for now in [Timestamp::MIN, Timestamp::from_micros(0), Timestamp::MAX] {
        assert!(mint.verifier.verify(&token, &mint.keys, now).is_err(), "{now:?}");
    }
}

#[test]
fn a_life_is_at_most_an_hour_and_not_empty() {
    let mint = Mint::ed25519();
    for (issued, starts, expires) in [
        (NOW, NOW, NOW + 3601),
        (NOW - 10, NOW, NOW + 3591),
        (NOW, NOW + 2, NOW + 1),
        (NOW, NOW + 1, NOW + 1),
        (NOW + 1, NOW, NOW),
        (NOW, NOW, NOW),
        (0, 0, NOW + 600),
        (NOW, NOW, 253_402_300_799),
    ] {
        let mut claims = wire_claims();
        (claims["iat"], claims["nbf"], claims["exp"]) = (json!(issued), json!(starts), json!(expires));
        let fault = fault_of(&mint, &claims.to_string());
        assert_eq!(fault, Some(TokenFault::LifetimeNotAccepted), "{issued} {starts} {expires}");
    }
    let hour = fault_of(&mint, &with(&wire_claims(), "exp", json!(NOW + 3600)));
    assert_eq!(hour, None);
}
