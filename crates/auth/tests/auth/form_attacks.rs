//! Attacks on the form of an access token: what two readers could read differently.

use std::borrow::Cow;

use greenroom_auth::{Part, TokenFault};
use serde_json::json;

use crate::forge::{Mint, wire_claims, with};

#[test]
fn a_token_has_one_spelling() {
    let mint = Mint::ed25519();
    let good = mint.good_token();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("{good}") };
    let last = |part: &str| {
        // The bits that pad the last character are zero; setting one decodes to the same bytes in lenient readers.
        let (rest, end) = part.split_at(part.len() - 1);
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let next = alphabet.find(end).unwrap() + 1;
        format!("{rest}{}", &alphabet[next..=next])
    };
    let cases: Vec<(String, Part)> = vec![
        (format!("{header}.{claims}.{signature}=="), Part::Signature),
        (format!("{header}.{claims}.{}", last(signature)), Part::Signature),
        (format!("{header}.{claims}.{signature}\n"), Part::Signature),
        (format!("{header}.{claims}. {signature}"), Part::Signature),
        (format!("{header}.{claims}.+{signature}"), Part::Signature),
        (format!("{header}.{claims}=.{signature}"), Part::Claims),
        (format!("{header}.{claims}%.{signature}"), Part::Claims),
        (format!("{header}=.{claims}.{signature}"), Part::Header),
        (format!(" {header}.{claims}.{signature}"), Part::Header),
        (format!("Bearer {good}"), Part::Header),
        (format!("{header}é.{claims}.{signature}"), Part::Header),
    ];
    for (token, part) in cases {
        assert_eq!(mint.fault(&token), Some(TokenFault::NotBase64Url { part }), "{token}");
    }
}

#[test]
fn what_is_not_three_parts_is_not_read() {
    let mint = Mint::ed25519();
    let good = mint.good_token();
    let detached = good.replacen(good.split('.').nth(1).unwrap(), "", 1);
    for token in [
        "",
        ".",
        "..",
        "...",
        "a",
        "a.b",
        ".a.b",
        "a..b",
        "a.b.",
        &format!("{good}.x"),
        &format!("{good}."),
        &detached,
    ] {
        assert_eq!(mint.fault(token), Some(TokenFault::NotThreeParts), "{token}");
    }
    // An encrypted token (RFC 7516 §7.1) has five.
    assert_eq!(mint.fault(&format!("{good}.a.b")), Some(TokenFault::NotThreeParts));
    // The JSON form (RFC 7515 §7.2) has none.
    assert_eq!(mint.fault(r#"{"payload":"","signatures":[]}"#), Some(TokenFault::NotThreeParts));
}

#[test]
fn a_huge_token_is_refused_by_its_length() {
    let mint = Mint::ed25519();
    let padded = with(&wire_claims(), "padding", json!("x".repeat(1_000_000)));
    let token = mint.forge(&mint.header().to_string(), &padded);
    assert_eq!(mint.fault(&token), Some(TokenFault::TooLong { bytes: token.len() }));
    let dots = ".".repeat(1_000_000);
    assert_eq!(mint.fault(&dots), Some(TokenFault::TooLong { bytes: 1_000_000 }));
    let within =
        mint.forge(&mint.header().to_string(), &with(&wire_claims(), "padding", json!("x".repeat(5_000))));
    assert_eq!(mint.fault(&within), None);
}

#[test]
fn a_header_is_one_object_without_doubles() {
    let mint = Mint::ed25519();
    let claims = wire_claims().to_string();
    let good = mint.header().to_string();
    let double = good.replacen('{', r#"{"alg":"none","#, 1);
    let escaped = good.replacen('{', "{\"\\u0061lg\":\"none\",", 1);
    for header in [double, escaped, good.replacen('{', r#"{"x":{"y":1,"y":2},"#, 1)] {
        let part = Part::Header;
        assert_eq!(
            mint.fault(&mint.forge(&header, &claims)),
            Some(TokenFault::DuplicateMember { part }),
            "{header}"
        );
    }
    let deep: Cow<'_, str> =
        good.replacen('{', &format!(r#"{{"x":{}{},"#, "[".repeat(2000), "]".repeat(2000)), 1).into();
    let cut: Cow<'_, str> = good[..good.len() - 1].into();
    for header in [
        deep,
        cut,
        "[]".into(),
        "\"\"".into(),
        "null".into(),
        "{}{}".into(),
        format!("\u{feff}{good}").into(),
    ] {
        let part = Part::Header;
        assert_eq!(mint.fault(&mint.forge(&header, &claims)), Some(TokenFault::NotJson { part }), "{header}");
    }
}
