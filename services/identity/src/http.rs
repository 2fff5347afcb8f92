//! The OAuth side, in plain HTTP on the same listener: token endpoint, introspection, revocation, key set and metadata, so
//! that any OAuth library works unchanged.

mod credentials;
mod form;
mod judged;
mod metadata;
mod refusal;
mod token;

use crate::app::{App, Database};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::sync::Arc;

/// The largest form read: an assertion and a few words fit many times.
const LARGEST_FORM: usize = 64 * 1024;

/// The routes.
pub fn routes<S: Database>(app: &Arc<App<S>>) -> Router {
    Router::new()
        .route("/oauth2/token", post(token::token::<S>))
        .route("/oauth2/introspect", post(judged::introspect::<S>))
        .route(judged::REVOKE, post(judged::revoke::<S>))
        .route("/.well-known/jwks.json", get(metadata::jwks::<S>))
        .route("/.well-known/oauth-authorization-server", get(metadata::metadata::<S>))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .with_state(Arc::clone(app))
}
