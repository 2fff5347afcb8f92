//! What every call passes before it reaches a handler, from the outside in.

pub mod access;
pub mod deadline;
pub mod guard;
pub mod trace;
pub mod translate;

use axum::response::Response;
use tonic::Status;
use tonic::body::Body;

/// A refusal, as gRPC answers it: a response with trailers only.
pub(crate) fn refuse(status: &Status) -> Response {
    status.clone().into_http::<Body>().map(axum::body::Body::new)
}

/// Whether a request speaks gRPC. Everything else on a listener is plain HTTP with rules of its own.
pub(crate) fn is_grpc(request: &axum::extract::Request) -> bool {
    let content_type = request.headers().get(http::header::CONTENT_TYPE);
    content_type.and_then(|value| value.to_str().ok()).is_some_and(|value| {
        let kind = value.split_once(';').map_or(value, |(kind, _)| kind);
        // Other encodings than protobuf, such as `+json`, are foreign here.
        matches!(kind.trim_end(), "application/grpc" | "application/grpc+proto")
    })
}
