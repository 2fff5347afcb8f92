//! The OAuth side, in plain HTTP on the same listener: token endpoint, key set and metadata, so that any OAuth library
//! works unchanged.

mod credentials;
mod refusal;

use crate::app::{App, Database, Grant};
use crate::attempts::Origin;
use crate::scopes;
use crate::wire::MAX_SCOPES;
use axum::Json;
use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Form, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use credentials::proof_of;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use http::{Extensions, HeaderMap};
use refusal::Refusal;
use serde_json::json;
use std::sync::Arc;

/// The largest form read: an assertion and a few words fit many times.
const LARGEST_FORM: usize = 64 * 1024;

/// The most parameters read: the grant needs a handful, and each is held against all others.
const MOST_PARAMETERS: usize = 32;

/// How long caches may keep the key set; the next key is published long before it signs.
const KEYS_CACHED: &str = "public, max-age=60";

/// The routes.
pub fn routes<S: Database>(app: &Arc<App<S>>) -> Router {
    Router::new()
        .route("/oauth2/token", post(token::<S>))
        .route("/.well-known/jwks.json", get(jwks::<S>))
        .route("/.well-known/oauth-authorization-server", get(metadata::<S>))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .with_state(Arc::clone(app))
}

/// RFC 6749 §4.4 and §5, with `resource` of RFC 8707.
async fn token<S: Database>(
    State(app): State<Arc<App<S>>>,
    headers: HeaderMap,
    extensions: Extensions,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let answered = match form {
        Ok(Form(pairs)) => issue(&app, &headers, Origin::of(&extensions), pairs).await,
        Err(_) => Err(Refusal::InvalidRequest("send one form, `application/x-www-form-urlencoded`")),
    };
    let mut response = answered.unwrap_or_else(Refusal::into_response);
    // RFC 6749 §5.1: neither tokens nor refusals are kept by anybody on the way.
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, http::HeaderValue::from_static("no-cache"));
    response
}

async fn issue<S: Database>(
    app: &App<S>,
    headers: &HeaderMap,
    origin: Origin,
    pairs: Vec<(String, String)>,
) -> Result<Response, Refusal> {
    let form = Parameters::read(pairs)?;
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::UnsupportedGrantType),
        None => return Err(Refusal::InvalidRequest("`grant_type` is missing")),
    }
    let proof = proof_of(headers, &form)?;
    let issued = app.issue_token(proof, origin, &grant_of(&form)?).await?;
    let mut answer = json!({
        "access_token": issued.access_token.as_str(),
        "token_type": "Bearer",
        "expires_in": issued.expires_in(),
        "scope": issued.scopes.to_string(),
    });
    if let (Some(end), Some(members)) = (issued.credential_not_after, answer.as_object_mut()) {
        // Beyond RFC 6749 §5.1, which lets clients ignore members they do not know.
        members.insert("credential_not_after".to_owned(), end.as_micros().div_euclid(1_000_000).into());
    }
    Ok(Json(answer).into_response())
}

fn grant_of(form: &Parameters) -> Result<Grant, Refusal> {
    let named = match (form.get("resource"), form.get("audience")) {
        (Some(resource), Some(audience)) if resource != audience => return Err(Refusal::InvalidTarget),
        (resource, audience) => resource.or(audience),
    };
    let audience = match named {
        None => None,
        Some(name) => {
            Some(scopes::AUDIENCES.into_iter().find(|known| *known == name).ok_or(Refusal::InvalidTarget)?)
        }
    };
    let scopes = form.get("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
    let scopes: Vec<String> = scopes.take(MAX_SCOPES + 1).map(str::to_owned).collect();
    if scopes.len() > MAX_SCOPES || scopes.iter().any(|scope| scope.len() > scopes::MAX_LENGTH) {
        return Err(Refusal::InvalidScope);
    }
    Ok(Grant { audience, scopes })
}

/// The parameters of a form, each at most once (RFC 6749 §3.2).
struct Parameters(Vec<(String, String)>);

impl Parameters {
    fn read(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        if pairs.len() > MOST_PARAMETERS {
            return Err(Refusal::InvalidRequest("more than 32 parameters are sent"));
        }
        // A parameter without a value counts as left out (RFC 6749 §3.2).
        let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        for (index, (name, _)) in pairs.iter().enumerate() {
            if pairs.iter().skip(index + 1).any(|(other, _)| other == name) {
                let several = name == "resource" || name == "audience";
                return Err(if several {
                    Refusal::InvalidTarget
                } else {
                    Refusal::InvalidRequest("a parameter is named twice")
                });
            }
        }
        Ok(Self(pairs))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// RFC 7517 §5.
async fn jwks<S: Database>(State(app): State<Arc<App<S>>>) -> Response {
    let keys = app.keyrings.current().published().to_jwks_json();
    ([(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, KEYS_CACHED)], keys).into_response()
}

/// RFC 8414 §2.
async fn metadata<S: Database>(State(app): State<Arc<App<S>>>) -> Response {
    let issuer = &app.rules.issuer;
    let scopes: Vec<&str> = scopes::scope_catalogue().iter().map(|(scope, _)| *scope).collect();
    let document = json!({
        "issuer": issuer,
        "token_endpoint": app.rules.token_endpoint,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported":
            greenroom_auth::Algorithm::ALL.map(greenroom_auth::Algorithm::name),
        "scopes_supported": scopes,
    });
    ([(CACHE_CONTROL, "public, max-age=3600")], Json(document)).into_response()
}
