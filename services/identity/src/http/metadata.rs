//! What a library needs to know of this service, and the keys that verify its tokens.

use crate::app::{App, Certificates, Database};
use crate::scopes;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use greenroom_auth::Algorithm;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::json;
use std::sync::Arc;

/// How a client may prove who it is, at every endpoint.
fn methods(certificates: Certificates) -> Vec<&'static str> {
    let by_certificate: &[&str] = match certificates {
        Certificates::Unseen => &[],
        Certificates::ByThumbprint => &["self_signed_tls_client_auth"],
        Certificates::ByName => &["tls_client_auth", "self_signed_tls_client_auth"],
    };
    let others = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
    others.into_iter().chain(by_certificate.iter().copied()).collect()
}

/// The key set (RFC 7517 §5). Whoever keeps it as long as allowed knows every key before it signs.
pub async fn jwks<S: Database>(State(app): State<Arc<App<S>>>) -> Response {
    let keys = app.keyrings.current().published().to_jwks_json();
    let kept = format!("public, max-age={}", app.rules.signing.cached_for.as_secs());
    let kind = "application/jwk-set+json".to_owned();
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, kept)], keys).into_response()
}

/// RFC 8414 §2, with RFC 8705 §3.3.
pub async fn metadata<S: Database>(State(app): State<Arc<App<S>>>) -> Response {
    let issuer = &app.rules.issuer;
    let scopes: Vec<&str> = scopes::scope_catalogue().iter().map(|(scope, _)| *scope).collect();
    let algorithms = Algorithm::ALL.map(Algorithm::name);
    let methods = methods(app.rules.certificates);
    let document = json!({
        "issuer": issuer,
        "token_endpoint": app.rules.token_endpoint,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint": format!("{issuer}/oauth2/introspect"),
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint": format!("{issuer}{}", super::judged::REVOKE),
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "scopes_supported": scopes,
        "tls_client_certificate_bound_access_tokens": app.rules.certificates != Certificates::Unseen,
    });
    ([(CACHE_CONTROL, "public, max-age=3600")], Json(document)).into_response()
}
