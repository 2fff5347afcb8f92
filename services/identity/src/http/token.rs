//! The token endpoint: RFC 6749 §4.4 and §5, with `resource` of RFC 8707.

use super::credentials::proof_of;
use super::form::{Parameters, Sent, answer};
use super::refusal::Refusal;
use crate::app::{App, Connection, Database, Grant};
use crate::scopes;
use crate::wire::MAX_SCOPES;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{Extensions, HeaderMap};
use serde_json::json;
use std::sync::Arc;

/// Issues a token.
pub async fn token<S: Database>(
    State(app): State<Arc<App<S>>>,
    headers: HeaderMap,
    extensions: Extensions,
    form: Sent,
) -> Response {
    answer(issue(&app, &headers, &Connection::of(&extensions), form).await)
}

async fn issue<S: Database>(
    app: &App<S>,
    headers: &HeaderMap,
    connection: &Connection,
    form: Sent,
) -> Result<Response, Refusal> {
    let form = Parameters::read(form)?;
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::UnsupportedGrantType),
        None => return Err(Refusal::InvalidRequest("`grant_type` is missing")),
    }
    let proof = proof_of(headers, &form, connection)?;
    let issued = app.issue_token(proof, connection, &grant_of(&form)?).await?;
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
        (Some(resource), Some(audience)) if resource != audience => {
            let said = "`resource` and `audience` name two services; a token is for one";
            return Err(Refusal::InvalidTarget(said.to_owned()));
        }
        (resource, audience) => resource.or(audience),
    };
    let audience = match named {
        None => None,
        Some(name) => {
            let known = scopes::AUDIENCES.into_iter().find(|known| *known == name);
            Some(known.ok_or_else(Refusal::no_such_target)?)
        }
    };
    let scopes = form.get("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
    let scopes: Vec<String> = scopes.take(MAX_SCOPES + 1).map(str::to_owned).collect();
    if scopes.len() > MAX_SCOPES || scopes.iter().any(|scope| scope.len() > scopes::MAX_LENGTH) {
        let said = "at most 64 scopes of at most 64 characters are read";
        return Err(Refusal::InvalidScope(said.to_owned()));
    }
    Ok(Grant { audience, scopes })
}
