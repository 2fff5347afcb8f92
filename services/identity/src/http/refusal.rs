//! How the endpoints for clients refuse (RFC 6749 §5.2, RFC 8707 §2, RFC 7009 §2.2.1, RFC 7662 §2.3).

use crate::error::Error;
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
    /// Too many proofs failed; this one was not looked at.
    TooManyFailures {
        /// How long to wait.
        wait: Duration,
    },
    /// A grant other than client credentials.
    UnsupportedGrantType,
    /// A scope the client does not hold.
    InvalidScope,
    /// No service of the suite, several, or none that can be told from the scopes.
    InvalidTarget,
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
            Error::ScopeNotGranted { .. } => Self::InvalidScope,
            Error::AudienceUnclear => Self::InvalidTarget,
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
    fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidRequest(said) => (StatusCode::BAD_REQUEST, "invalid_request", said),
            Self::InvalidClient => {
                (StatusCode::UNAUTHORIZED, "invalid_client", "the client's proof is not accepted")
            }
            // RFC 6749 §5.2 has no word for it. The nearest that OAuth has is that of §4.1.2.1, as when the database does
            // not answer: the request may be repeated as it is. RFC 6585 §4 has the status.
            Self::TooManyFailures { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "temporarily_unavailable",
                "too many client authentications failed; try again later",
            ),
            Self::UnsupportedGrantType => {
                (StatusCode::BAD_REQUEST, "unsupported_grant_type", "`client_credentials` is the only grant")
            }
            Self::InvalidScope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "the client does not hold the scopes for that service",
            ),
            Self::InvalidTarget => {
                (StatusCode::BAD_REQUEST, "invalid_target", "name one service of the suite in `resource`")
            }
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
        let body = Json(json!({"error": error, "error_description": said.replace('`', "'")}));
        if status == StatusCode::UNAUTHORIZED {
            return (status, [(WWW_AUTHENTICATE, "Basic realm=\"greenroom\"")], body).into_response();
        }
        if let Self::TooManyFailures { wait } = self {
            return (status, [(RETRY_AFTER, whole_seconds(wait).to_string())], body).into_response();
        }
        (status, body).into_response()
    }
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
        let refusals = [
            Refusal::InvalidRequest("send one form, `application/x-www-form-urlencoded`"),
            Refusal::InvalidClient,
            Refusal::TooManyFailures { wait: Duration::from_millis(1) },
            Refusal::UnsupportedGrantType,
            Refusal::InvalidScope,
            Refusal::InvalidTarget,
            Refusal::InsufficientScope,
            Refusal::Unavailable,
            Refusal::ServerError,
        ];
        // RFC 6749 §5.2: no control characters, no quotation marks, no backslash, nothing beyond ASCII.
        let fits = |byte: u8| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~');
        for refusal in refusals {
            let (_, error, said) = refusal.parts();
            assert!(error.bytes().chain(said.bytes()).all(fits), "{error}: {said}");
        }
    }
}
