//! Bounds every call: by the caller's deadline, less what the answer needs to travel, and by our own.

use crate::call::Deadline;
use crate::fault::Fault;
use crate::layers::{is_grpc, refuse};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use std::time::Duration;
use tokio::time::Instant;
use tonic::Code;

/// How long a call may take whose caller names no deadline.
pub const DEFAULT: Duration = Duration::from_secs(30);

/// The longest deadline that is granted: the import of a large roll takes minutes. Answers that are streams are bounded
/// by their own rules once they have begun.
pub const LONGEST: Duration = Duration::from_hours(1);

/// Taken off the caller's deadline, so that it hears our answer and not its own timer.
const TRAVEL: Duration = Duration::from_millis(20);

/// The layer.
pub async fn deadline(mut request: Request, next: Next) -> Response {
    if !is_grpc(&request) {
        let answer = tokio::time::timeout(DEFAULT, next.run(request)).await;
        return answer.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response());
    }
    let header = request.headers().get("grpc-timeout").and_then(|value| value.to_str().ok());
    let asked = header.and_then(parse_timeout).map(|asked| asked.saturating_sub(TRAVEL.min(asked / 5)));
    let at = Instant::now() + asked.unwrap_or(DEFAULT).min(LONGEST);
    request.extensions_mut().insert(Deadline(at));
    match tokio::time::timeout_at(at, next.run(request)).await {
        Ok(response) => response,
        Err(_) => refuse(&exceeded().into()),
    }
}

/// The answer when the time is up.
pub fn exceeded() -> Fault {
    Fault::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "the deadline passed before the answer was ready")
}

/// `TimeoutValue TimeoutUnit` of the gRPC protocol: at most eight digits, then one of `H M S m u n`.
fn parse_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_the_protocol_spells_them() {
        assert_eq!(parse_timeout("20m"), Some(Duration::from_millis(20)));
        assert_eq!(parse_timeout("99999999H"), Some(Duration::from_hours(99_999_999)));
    }

    #[test]
    fn malformed_timeouts_are_no_timeouts() {
        for text in ["", "m", "-1S", "123456789S", "1X", "1.5S", "１S"] {
            assert_eq!(parse_timeout(text), None, "{text}");
        }
    }
}
