//! How the endpoints for clients refuse (RFC 6749 §5.2, RFC 8707 §2, RFC 7009 §2.2.1, RFC 7662 §2.3).

use crate::error::Error;
use crate::scopes;
use axum::Json;
use axum::response::{IntoResponse, Response};
use greenroom_rpc::fault::Fault;
use http::StatusCode;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;
use std::time::Duration;
use tonic::Code;

/// Why a client is refused.
pub enum Refusal {
    /// The request is malformed; says how.
    InvalidRequest(&'static str),
    /// The client's proof is not accepted.
    InvalidClient,
    /// The client signed its assertion, and it is not accepted; says why.
    InvalidAssertion(String),
    /// The client's proof is right, and it gets no tokens all the same; says why.
    UnauthorizedClient(String),
    /// Too many proofs failed; this one was not looked at.
    TooManyFailures {
        /// How long to wait.
        wait: Duration,
    },
    /// A grant other than client credentials.
    UnsupportedGrantType,
    /// A scope the client does not hold, or that nobody knows; says which.
    InvalidScope(String),
    /// No service of the suite, several, or none that can be told from the scopes; says which there are.
    InvalidTarget(String),
    /// The client holds no scope to be told about tokens.
    InsufficientScope,
    /// Something this service needs does not answer.
    Unavailable,
    /// A fault of ours.
    ServerError,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::ClientAuthenticationFailed => Self::InvalidClient,
            Error::TooManyFailures { wait } => Self::TooManyFailures { wait },
            Error::AssertionRefused(_) => Self::InvalidAssertion(error.to_string()),
            Error::NotAdmitted(cause) => Self::UnauthorizedClient(cause.to_string()),
            Error::ScopeNotGranted { .. } | Error::ScopeUnknown { .. } | Error::ScopesOfSeveralServices => {
                Self::InvalidScope(error.to_string())
            }
            Error::AudienceUnclear(fitting) => Self::several(&fitting),
            Error::CertificateMissing => {
                Self::InvalidRequest("open the connection with the certificate of the client")
            }
            // Logged on the way: the cause, or under an incident id.
            other => match Fault::from(other).code() {
                Code::Unavailable => Self::Unavailable,
                _ => Self::ServerError,
            },
        }
    }
}

impl Refusal {
    /// The services that could be meant, none of which is named.
    fn several(fitting: &[&str]) -> Self {
        let named = fitting.join("`, `");
        Self::InvalidTarget(format!("name the one service the token is for in `resource`: `{named}`"))
    }

    /// The services there are.
    pub fn no_such_target() -> Self {
        let named = scopes::AUDIENCES.join("`, `");
        Self::InvalidTarget(format!("`resource` names no service of the suite; these are: `{named}`"))
    }

    fn parts(&self) -> (StatusCode, &'static str, &str) {
        match self {
            Self::InvalidRequest(said) => (StatusCode::BAD_REQUEST, "invalid_request", said),
            Self::InvalidClient => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "the client's proof is not accepted")
            }
            Self::InvalidAssertion(said) => (StatusCode::UNAUTHORIZED, "invalid_client", said),
            Self::UnauthorizedClient(said) => (StatusCode::BAD_REQUEST, "unauthorized_client", said),
            // RFC 6749 §5.2 has no word for it. Of those registered for answers of the token endpoint the one of
            // RFC 8628 §3.5 says it: go on, and more slowly; `invalid_request` and `invalid_client` would say that the
            // request is wrong, which was not looked at. RFC 6585 §4 has the status.
            Self::TooManyFailures { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "slow_down",
                "too many client authentications failed; try again later",
            ),
            Self::UnsupportedGrantType => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "`client_credentials` is the only grant")
            }
            Self::InvalidScope(said) => (StatusCode::BAD_REQUEST, "invalid_scope", said),
            Self::InvalidTarget(said) => (StatusCode::BAD_REQUEST, "invalid_target", said),
            // RFC 6750 §3.1: the proof holds and does not suffice.
            Self::InsufficientScope => {
                (StatusCode::FORBIDDEN, "insufficient_scope", "the client does not hold `tokens.introspect`")
            }
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "the database does not answer; try again",
            ),
            Self::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, "server_error", "a fault of ours"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, said) = self.parts();
        let body = Json(json!({"error": error, "error_description": spelled(said)}));
        if status == StatusCode::UNAUTHORIZED {
            return (status, [(WWW_AUTHENTICATE, "Basic realm=\"greenroom\"")], body).into_response();
        }
        if let Self::TooManyFailures { wait } = self {
            return (status, [(RETRY_AFTER, whole_seconds(wait).to_string())], body).into_response();
        }
        (status, body).into_response()
    }
}

/// What is said, in the characters of RFC 6749 §5.2: no control characters, no quotation marks, no backslash, nothing beyond
/// ASCII. What a caller sent may hold any.
fn spelled(said: &str) -> String {
    let one = |letter: char| match letter {
        '`' | '"' => '\'',
        '\\' => '/',
        ' '..='~' => letter,
        _ => '?',
    };
    said.chars().map(one).collect()
}

/// `Retry-After` knows whole seconds (RFC 9110 §10.2.3). Rounded up: a moment too early would be refused again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_keeps_to_the_characters_of_the_standard() {
        let hostile = || "a `b` \"c\" \\ \u{1f600} \n".to_owned();
        let refusals = [
            Refusal::InvalidRequest("send one form, `application/x-www-form-urlencoded`"),
            Refusal::InvalidClient,
            Refusal::InvalidAssertion(hostile()),
            Refusal::UnauthorizedClient(hostile()),
            Refusal::TooManyFailures { wait: Duration::from_millis(1) },
            Refusal::UnsupportedGrantType,
            Refusal::InvalidScope(hostile()),
            Refusal::InvalidTarget(hostile()),
            Refusal::no_such_target(),
            Refusal::InsufficientScope,
            Refusal::Unavailable,
            Refusal::ServerError,
        ];
        // RFC 6749 §5.2: no control characters, no quotation marks, no backslash, nothing beyond ASCII.
        let fits = |byte: u8| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
        for refusal in refusals {
            let (_, error, said) = refusal.parts();
            assert!(error.bytes().chain(spelled(said).bytes()).all(fits), "{error}: {said}");
        }
        assert_eq!(spelled("`a` \"é\"\\"), "'a' '?'/");
    }
}
