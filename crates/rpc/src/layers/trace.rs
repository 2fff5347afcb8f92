//! One span per call: what was called, by whom, how it ended. Ids only, never payloads.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tonic::{Code, Status};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};

/// The layer.
pub async fn trace(request: Request, next: Next) -> Response {
    let span = call_span(request.uri().path());
    let begun = Instant::now();
    async move {
        let response = next.run(request).await;
        let code = Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code());
        let millis = begun.elapsed().as_secs_f64() * 1_000.0;
        Span::current().record("rpc.code", tracing::field::debug(code));
        tracing::debug!(rpc.millis = millis, "answered {code:?}");
        response
    }
    .instrument(span)
    .await
}

fn call_span(path: &str) -> Span {
    let (service, method) = path.trim_start_matches('/').split_once('/').unwrap_or(("", path));
    info_span!("rpc", rpc.service = service, rpc.method = method, caller.id = Empty, rpc.code = Empty)
}
