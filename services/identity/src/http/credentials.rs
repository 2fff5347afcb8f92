//! How a client authenticates at the token endpoint (RFC 6749 §2.3.1, RFC 7521 §4.2, RFC 7523 §2.2, RFC 8705 §2).

use super::form::Parameters;
use super::refusal::Refusal;
use crate::app::{Connection, Proof};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use zeroize::Zeroizing;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The one proof of a request; more than one is refused. Where none is sent, the certificate of the connection is that of
/// the client that is named (RFC 8705 §2).
pub fn proof_of(headers: &HeaderMap, form: &Parameters, connection: &Connection) -> Result<Proof, Refusal> {
    let basic = headers.contains_key(AUTHORIZATION);
    let secret = form.get("client_secret");
    let assertion = form.get("client_assertion");
    match (basic, secret, assertion) {
        (true, None, None) => from_basic(headers, form),
        (false, Some(secret), None) => {
            let client_id = form.get("client_id").ok_or(Refusal::InvalidRequest("`client_id` is missing"))?;
            Ok(Proof::Secret { client_id: client_id.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
        }
        (false, None, Some(assertion)) => from_assertion(assertion, form),
        (false, None, None) => {
            let client_id = form.get("client_id").filter(|_| connection.certificate.is_some());
            let client_id = client_id.ok_or(Refusal::InvalidClient)?.to_owned();
            Ok(Proof::Certificate { client_id })
        }
        _ => Err(Refusal::InvalidRequest("authenticate in one way only")),
    }
}

fn from_assertion(assertion: &str, form: &Parameters) -> Result<Proof, Refusal> {
    if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(Refusal::InvalidRequest("the `client_assertion_type` is not that of a JWT"));
    }
    let named = form.get("client_id");
    let signed = greenroom_auth::peek_client_id(assertion).ok();
    // RFC 7521 §4.2: a `client_id` beside the assertion must be that of the assertion.
    if named.is_some_and(|named| signed.is_none_or(|signed| signed.as_str() != named)) {
        return Err(Refusal::InvalidClient);
    }
    Ok(Proof::Assertion(Zeroizing::new(assertion.to_owned())))
}

fn from_basic(headers: &HeaderMap, form: &Parameters) -> Result<Proof, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return Err(Refusal::InvalidClient) };
    let (client_id, secret) = value.to_str().ok().and_then(parse_basic).ok_or(Refusal::InvalidClient)?;
    if form.get("client_id").is_some_and(|named| named != client_id) {
        return Err(Refusal::InvalidClient);
    }
    Ok(Proof::Secret { client_id, secret })
}

/// RFC 7617, with id and secret encoded as in a form (RFC 6749 §2.3.1).
fn parse_basic(value: &str) -> Option<(String, Zeroizing<String>)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let (client_id, secret) = std::str::from_utf8(&bytes).ok()?.split_once(':')?;
    Some((form_decoded(client_id)?, Zeroizing::new(form_decoded(secret)?)))
}

fn form_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next()?)? * 16 + hex_digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_encoded_twice() {
        let header = |text: &str| format!("basic {}", STANDARD.encode(text));
        let (client, secret) = parse_basic(&header("shop%2D1:a%3Ab+c")).unwrap();
        assert_eq!((client.as_str(), secret.as_str()), ("shop-1", "a:b c"));
        for wrong in ["", "no colon", "a:%", "a:%4", "a:%zz", "a:%ff"] {
            assert!(parse_basic(&header(wrong)).is_none(), "{wrong}");
        }
        assert!(parse_basic("Bearer abc").is_none());
    }
}
