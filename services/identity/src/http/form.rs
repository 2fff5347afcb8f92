//! What every endpoint for clients reads, and how it answers.

use super::refusal::Refusal;
use axum::extract::Form;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, PRAGMA};

/// The most parameters read: the grant needs a handful, and each is held against all others.
const MOST_PARAMETERS: usize = 32;

/// A form as it was sent, or why it is none.
pub type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

/// The parameters of a form, each at most once (RFC 6749 §3.2).
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a form. A parameter without a value counts as left out (RFC 6749 §3.2).
    pub fn read(sent: Sent) -> Result<Self, Refusal> {
        let Form(pairs) =
            sent.map_err(|_| Refusal::InvalidRequest("send one form, `application/x-www-form-urlencoded`"))?;
        if pairs.len() > MOST_PARAMETERS {
            return Err(Refusal::InvalidRequest("more than 32 parameters are sent"));
        }
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        for (index, (name, _)) in pairs.iter().enumerate() {
            if pairs.iter().skip(index + 1).any(|(other, _)| other == name) {
                let several = name == "resource" || name == "audience";
                return Err(if several {
                    Refusal::InvalidTarget(format!("one `{name}` a token: ask for one token each"))
                } else {
                    Refusal::InvalidRequest("a parameter is named twice")
                });
            }
        }
        Ok(Self(pairs))
    }

    /// A parameter's value, if it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The access token that is asked about (RFC 7009 §2.1, RFC 7662 §2.1). What else is said of it, such as a
    /// `token_type_hint`, changes nothing: there is one kind.
    pub fn token(&self) -> Result<&str, Refusal> {
        self.get("token").ok_or(Refusal::InvalidRequest("`token` is missing"))
    }
}

/// The answer as it is sent: neither tokens nor what is told of them is kept by anybody on the way (RFC 6749 §5.1).
pub fn answer(answered: Result<Response, Refusal>) -> Response {
    let mut response = answered.unwrap_or_else(Refusal::into_response);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
