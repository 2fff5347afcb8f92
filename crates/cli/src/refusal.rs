//! A failed call in words: code, reason, message, and every detail the service gave.

use crate::failure::{Failure, Result};
use greenroom_rpc::client::unanswered;
use tonic::{Code, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The code as the gRPC specification spells it.
pub const fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

/// The failure of a call in words.
pub fn describe(doing: &str, status: &Status) -> Failure {
    let status = &unanswered(status.clone());
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| format!(" {}", info.reason)).unwrap_or_default();
    let code = code_name(status.code());
    let mut lines = vec![format!("{doing}: {code}{reason}: {}", status.message())];
    lines.extend(more(&details));
    if status.code() == Code::Unavailable && reason.is_empty() {
        lines.push("  is the suite running? start it with `greenroom up`, or name its address".to_owned());
        lines.push(
            "  if it is: does its address begin with https://, and does it ask for a certificate (`--client-certificate`)?"
                .to_owned(),
        );
    }
    if reason.is_empty() {
        lines.extend(of_tls(status.message()).map(str::to_owned));
    }
    Failure::new(lines.join("\n"))
}

/// What a connection that broke off before anything was said may be about.
fn of_tls(said: &str) -> Option<&'static str> {
    if said.contains("UnknownIssuer") {
        return Some("  nobody known vouches for the service: name its authority with `--ca`");
    }
    let cut = said.contains("http2 error") || said.contains("h2 protocol error");
    cut.then_some("  the service may speak TLS: begin its address with https:// (`--address`, `--identity`)")
}

/// The answer of a call, or its failure in words.
pub fn answer<T>(doing: &str, answered: std::result::Result<Response<T>, Status>) -> Result<T> {
    answered.map(Response::into_inner).map_err(|status| describe(doing, &status))
}

fn more(details: &ErrorDetails) -> Vec<String> {
    let mut lines = Vec::new();
    for violation in details.bad_request().into_iter().flat_map(|bad| &bad.field_violations) {
        lines.push(format!("  field {}: {}", violation.field, violation.description));
    }
    let mut facts: Vec<_> = details.error_info().into_iter().flat_map(|info| &info.metadata).collect();
    facts.sort();
    lines.extend(facts.into_iter().map(|(key, value)| format!("  {key} = {value}")));
    if let Some(delay) = details.retry_info().and_then(|info| info.retry_delay) {
        lines.push(format!("  try again in {} s", delay.as_secs_f64()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn a_connection_that_breaks_off_is_told_what_tls_may_want() {
        let said =
            |message: &str| describe("ListClients", &Status::new(tonic::Code::Internal, message)).to_string();
        assert!(said("h2 protocol error: http2 error").contains("https://"));
        assert!(said("invalid peer certificate: UnknownIssuer").contains("--ca"));
        assert!(!said("incident 7").contains("https"));
    }

    #[test]
    fn a_refusal_tells_code_reason_fields_and_facts() {
        let facts = HashMap::from([("streamer".to_owned(), "streamers/x".to_owned())]);
        let mut details = ErrorDetails::with_error_info("FIELDS_INVALID", "greenroom", facts);
        details.add_bad_request_violation("streamer.account", "is empty");
        let status = Status::with_error_details(Code::InvalidArgument, "one field is wrong", details);

        let said = describe("EnrolStreamer", &status).to_string();

        assert_eq!(
            said,
            "EnrolStreamer: INVALID_ARGUMENT FIELDS_INVALID: one field is wrong\n  field streamer.account: is empty\n  \
             streamer = streamers/x"
        );
    }
}
