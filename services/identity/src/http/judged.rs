//! Two endpoints about tokens that were issued before: introspection (RFC 7662) and revocation (RFC 7009).

use super::credentials::proof_of;
use super::form::{Parameters, Sent, answer};
use super::refusal::Refusal;
use crate::app::{App, Asker, Connection, Database};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use greenroom_auth::AccessClaims;
use greenroom_domain::kernel::Timestamp;
use http::{Extensions, HeaderMap, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

/// Where tokens are revoked. The event log names it as the method.
pub const REVOKE: &str = "/oauth2/revoke";

/// Tells what a token is worth. A client that lacks the scope is refused; of a token it may not know it is told what it
/// would be told of a forged one.
pub async fn introspect<S: Database>(
    State(app): State<Arc<App<S>>>,
    headers: HeaderMap,
    extensions: Extensions,
    form: Sent,
) -> Response {
    let asked = async {
        let form = Parameters::read(form)?;
        let token = form.token()?;
        let asker = asker(&app, &headers, &extensions, &form).await?;
        if !asker.introspects {
            return Err(Refusal::InsufficientScope);
        }
        let claims = app.introspect(&asker, token).await?;
        Ok(Json(claims.map_or_else(|| json!({"active": false}), |claims| members(&claims))).into_response())
    };
    answer(asked.await)
}

/// Revokes a token. Whether there was anything to revoke is not told (RFC 7009 §2.2).
pub async fn revoke<S: Database>(
    State(app): State<Arc<App<S>>>,
    headers: HeaderMap,
    extensions: Extensions,
    form: Sent,
) -> Response {
    let asked = async {
        let form = Parameters::read(form)?;
        let token = form.token()?;
        let asker = asker(&app, &headers, &extensions, &form).await?;
        app.revoke_token(REVOKE, &asker, token).await?;
        Ok(StatusCode::OK.into_response())
    };
    answer(asked.await)
}

async fn asker<S: Database>(
    app: &App<S>,
    headers: &HeaderMap,
    extensions: &Extensions,
    form: &Parameters,
) -> Result<Asker, Refusal> {
    let connection = Connection::of(extensions);
    Ok(app.asker(proof_of(headers, form, &connection)?, &connection).await?)
}

/// RFC 7662 §2.2, with `cnf` of RFC 8705 §3.2, and what the token itself tells of its holder beside that.
fn members(claims: &AccessClaims) -> Value {
    let mut members = json!({
        "active": true,
        "scope": claims.scope.to_string(),
        "client_id": claims.client_id.as_str(),
        "token_type": "Bearer",
        "exp": seconds(claims.expire_time),
        "iat": seconds(claims.issue_time),
        "sub": claims.client_id.as_str(),
        "aud": claims.audience,
        "iss": claims.issuer,
        "jti": claims.token_id,
        "org": claims.organization.as_str(),
        "org_roles": claims.roles.iter().map(|role| role.code()).collect::<Vec<_>>(),
    });
    if let Value::Object(members) = &mut members {
        if let Some(start_time) = claims.start_time {
            members.insert("nbf".to_owned(), seconds(start_time).into());
        }
        if let Some(person) = &claims.person {
            members.insert("person".to_owned(), person.as_str().into());
        }
        if let Some(confirmation) = claims.confirmation {
            members.insert("cnf".to_owned(), json!({"x5t#S256": confirmation.thumbprint()}));
        }
    }
    members
}

/// Tokens carry whole seconds.
fn seconds(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(1_000_000)
}
