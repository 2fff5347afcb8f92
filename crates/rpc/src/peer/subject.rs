//! Distinguished names, and the one form in which two are compared.

use std::str::FromStr as _;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::Name;

/// A distinguished name as people write it (RFC 4514), in the form in which two are compared: types in capitals, nothing
/// escaped that need not be, no spaces around the separators, several values of one level in the order of the alphabet.
/// The case of values counts. None if the text is no distinguished name.
pub fn distinguished_name(text: &str) -> Option<String> {
    let levels = split(text, ',').into_iter().map(|level| {
        let values = split(level, '+').into_iter().map(attribute);
        values.collect::<Option<Vec<_>>>().map(joined)
    });
    levels.collect::<Option<Vec<_>>>().map(|levels| levels.join(","))
}

/// The subject of a certificate in the same form. The last level is written first (RFC 4514 §2.1).
pub(super) fn normal_form(name: &Name) -> String {
    let levels: Vec<_> = name.iter_rdn().map(|level| joined(level.iter().map(written).collect())).collect();
    levels.into_iter().rev().collect::<Vec<_>>().join(",")
}

/// A certificate keeps the values of a level in the order of their encodings, which no text tells.
fn joined(mut values: Vec<String>) -> String {
    values.sort_unstable();
    values.join("+")
}

fn written(attribute: &AttributeTypeAndValue) -> String {
    attribute.to_string()
}

/// One `type=value`.
fn attribute(text: &str) -> Option<String> {
    let (kind, value) = text.split_once('=')?;
    let (kind, value) = (kind.trim(), without_spaces(value)?);
    // RFC 4514 §2.4: these are escaped inside a value. Older forms give them a meaning of their own.
    let plain =
        split(value, '"').len() == 1 && [';', '<', '>'].iter().all(|sign| split(value, *sign).len() == 1);
    let read = AttributeTypeAndValue::from_str(&format!("{kind}={value}")).ok()?;
    (plain && !kind.is_empty()).then(|| written(&read))
}

/// The text without spaces at its ends, but for one that is escaped. None if it ends within an escape.
fn without_spaces(text: &str) -> Option<&str> {
    let text = text.trim_start_matches(' ');
    let short = text.trim_end_matches(' ');
    let escapes = short.len() - short.trim_end_matches('\\').len();
    let end = if escapes % 2 == 1 { short.len() + 1 } else { short.len() };
    text.get(..end)
}

/// Splits at every `separator` that is not escaped.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut escaped = false;
    text.split(move |sign| {
        let ends = sign == separator && !escaped;
        escaped = sign == '\\' && !escaped;
        ends
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_one_form_however_it_is_written() {
        let till = r"CN=till,OU=a\+b,O=Sample\, Inc.,C=CN";
        for text in [
            till,
            r"cn=till, ou=a\+b, o=Sample\, Inc., c=CN",
            r"CN = till , OU = a\2bb , O = Sample\2C Inc. , C = CN",
            r"commonName=till,organizationalUnitName=a\+b,organizationName=Sample\, Inc.,countryName=CN",
            r"2.5.4.3=till,2.5.4.11=a\+b,2.5.4.10=Sample\, Inc.,2.5.4.6=CN",
            r"CN=\74\69ll,OU=a\+b,O=Sample\, Inc.,C=CN",
        ] {
            assert_eq!(distinguished_name(text).as_deref(), Some(till), "{text}");
        }
        for (text, form) in [
            ("O=样例,CN=till", "O=样例,CN=till"),
            ("UID=7+CN=till", "CN=till+UID=7"),
            (r"CN=till\ ", r"CN=till\ "),
            (r"CN= till\\ ", r"CN=till\\"),
            (r"CN=a\=b", "CN=a=b"),
            (r"CN=\#7", r"CN=\#7"),
            ("emailAddress=till@shop.example", "EMAIL=till@shop.example"),
        ] {
            assert_eq!(distinguished_name(text).as_deref(), Some(form), "{text}");
            assert_eq!(distinguished_name(form).as_deref(), Some(form), "{text}");
        }
        assert_ne!(distinguished_name("CN=till"), distinguished_name("CN=Till"));
        assert_ne!(distinguished_name("CN=till,O=a"), distinguished_name("O=a,CN=till"));
    }

    #[test]
    fn what_is_no_distinguished_name_has_no_form() {
        for text in [
            "",
            "till",
            "=till",
            " =till",
            "CN=till,",
            ",CN=till",
            "CN=till+",
            "nickname=till",
            "2..5=till",
            r#"O="Sample, Inc.""#,
            "CN=a;O=b",
            "CN=a<b",
            r"CN=a\zb",
            r"CN=a\",
            "CN=#zz",
            "CN=#0",
            "/CN=till",
        ] {
            assert_eq!(distinguished_name(text), None, "{text}");
        }
    }
}
