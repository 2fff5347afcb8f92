//! Says right what the library says badly: whose fault an undecodable or oversized body is.

use crate::fault::Fault;
use crate::layers::{is_grpc, refuse};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tonic::{Code, Status};

/// The layer.
pub async fn translate(request: Request, next: Next) -> Response {
    if !is_grpc(&request) {
        return next.run(request).await;
    }
    let response = next.run(request).await;
    match Status::from_header_map(response.headers()).as_ref().and_then(better) {
        Some(fault) => refuse(&fault.into()),
        None => response,
    }
}

/// The library reports these without details; everything of ours carries some.
fn better(status: &Status) -> Option<Fault> {
    if !status.details().is_empty() {
        return None;
    }
    let said = status.message();
    match status.code() {
        Code::Internal if is_about_the_body(said) => Some(Fault::new(
            Code::InvalidArgument,
            "REQUEST_UNDECODABLE",
            "the body could not be decoded as this method's request",
        )),
        Code::OutOfRange if said.contains("message length too large") => Some(Fault::new(
            Code::ResourceExhausted,
            "REQUEST_UNDECODABLE",
            "the request is larger than accepted",
        )),
        Code::Unknown => Some(Fault::hide(&said)),
        _ => None,
    }
}

fn is_about_the_body(said: &str) -> bool {
    ["decode", "Missing request message", "Unexpected EOF", "compression flag", "protocol error"]
        .iter()
        .any(|word| said.contains(word))
}
