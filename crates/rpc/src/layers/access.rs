//! Who may pass: verifies the bearer token and asks the access table. What is not in the table is denied.

use crate::call::{Method, Standing};
use crate::clock::SharedClock;
use crate::fault::Fault;
use crate::keys::{Keys, no_keys_yet};
use crate::layers::deadline::{DEFAULT, exceeded};
use crate::layers::{is_grpc, refuse};
use crate::peer::{Peer, PeerCertificate};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use greenroom_auth::{Access, AccessTable, Decision, TokenFault, TokenGate, Verified};
use http::StatusCode;
use std::sync::Arc;
use tonic::Code;
use tracing::Span;

/// Everything the decision rests on.
pub struct Door {
    /// Method by method, who may call it.
    pub table: AccessTable,
    /// Verifies tokens and remembers which were verified.
    pub gate: Arc<TokenGate>,
    /// The keys that verify them.
    pub keys: Keys,
    /// The time.
    pub clock: SharedClock,
}

/// The layer.
pub async fn access(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response {
    // INVARIANT: what is decided here is decided by the path. A method of the contract is never served to a request that
    // calls itself something else, because nothing would have asked for its token.
    match (door.table.get(request.uri().path()), is_grpc(&request)) {
        (Some(_), false) => return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response(),
        // Plain HTTP on the same listener: only what a service routes there itself, and none of it by token.
        (None, false) => return plain(request, next).await,
        (_, true) => {}
    }
    let method: Arc<str> = request.uri().path().into();
    // Taken out before the wait: a request's body may not be shared between threads.
    let token = bearer(request.headers()).map(str::to_owned);
    let peer = Peer::among(request.extensions());
    let certificate = peer.and_then(|peer| peer.certificate.clone());
    match door.admit(&method, token, certificate.as_ref()).await {
        Ok(None) => {
            request.extensions_mut().insert(Method(method));
            // A stranger gets no more time than anybody who does not ask for any.
            let answer = tokio::time::timeout(DEFAULT, next.run(request)).await;
            answer.unwrap_or_else(|_| refuse(&exceeded().into()))
        }
        Ok(Some(verified)) => {
            let caller = Arc::clone(verified.caller());
            Span::current().record("caller.id", caller.client_id.as_str());
            request.extensions_mut().insert(Method(method));
            request.extensions_mut().insert(caller);
            request.extensions_mut().insert(standing(&door, verified));
            next.run(request).await
        }
        Err(fault) => refuse(&fault.into()),
    }
}

/// Plain HTTP. What no route takes is not found, whatever the gRPC router says of it.
async fn plain(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.headers().contains_key("grpc-status") {
        StatusCode::NOT_FOUND.into_response()
    } else {
        response
    }
}

impl Door {
    async fn admit(
        &self,
        method: &str,
        token: Result<String, Fault>,
        certificate: Option<&PeerCertificate>,
    ) -> Result<Option<Arc<Verified>>, Fault> {
        match self.table.get(method) {
            None => return Err(unknown_method(method)),
            Some(Access::Public) => return Ok(None),
            Some(_) => {}
        }
        let verified = self.verify(&token?, certificate.map(PeerCertificate::der)).await?;
        match self.table.decide(method, Some(verified.caller())) {
            Decision::Allowed => Ok(Some(verified)),
            Decision::MissingScope { scope } => Err(missing_scope(scope)),
            Decision::WrongRole { needed } => {
                let roles: Vec<&str> = needed.iter().map(|role| role.code()).collect();
                Err(missing_role(&roles.join(" ")))
            }
            Decision::Unauthenticated => Err(token_missing()),
            Decision::UnknownMethod => Err(unknown_method(method)),
        }
    }

    async fn verify(&self, token: &str, certificate: Option<&[u8]>) -> Result<Arc<Verified>, Fault> {
        if self.keys.current().is_none() {
            self.keys.refresh().await;
        }
        let keys = self.keys.current().ok_or_else(no_keys_yet)?;
        match self.gate.admit(token, &keys, certificate, self.clock.now()) {
            Err(fault) if fault.is_unknown_key() => {
                self.keys.refresh().await;
                let keys = self.keys.current().ok_or_else(no_keys_yet)?;
                self.gate
                    .admit(token, &keys, certificate, self.clock.now())
                    .map_err(|fault| token_refused(&fault))
            }
            outcome => outcome.map_err(|fault| token_refused(&fault)),
        }
    }
}

/// Whether the token is still good, for as long as its stream runs: neither revoked, nor signed with a key that has been
/// given up since.
fn standing(door: &Door, verified: Arc<Verified>) -> Standing {
    let (gate, keys) = (Arc::clone(&door.gate), door.keys.clone());
    Standing::new(move || {
        let signed = keys.current().is_none_or(|keys| verified.key_is_in(&keys));
        signed && !gate.is_revoked(&verified)
    })
}

fn bearer(headers: &http::HeaderMap) -> Result<&str, Fault> {
    let mut values = headers.get_all(http::header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(token_missing());
    };
    let value = value.to_str().map_err(|_| token_missing())?;
    let (scheme, token) = value.split_once(' ').ok_or_else(token_missing)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim_start()) } else { Err(token_missing()) }
}

fn token_missing() -> Fault {
    Fault::new(
        Code::Unauthenticated,
        "TOKEN_MISSING",
        "send one `authorization: Bearer …` with an access token",
    )
}

fn token_refused(fault: &TokenFault) -> Fault {
    Fault::new(Code::Unauthenticated, "TOKEN_REFUSED", fault.to_string()).with("fault", fault)
}

fn missing_scope(scope: &str) -> Fault {
    Fault::new(Code::PermissionDenied, "SCOPE_MISSING", format!("the token lacks the scope `{scope}`"))
        .with("scope", scope)
}

fn missing_role(roles: &str) -> Fault {
    let said = format!("only an organization with one of these roles may call this: {roles}");
    Fault::new(Code::PermissionDenied, "ROLE_MISSING", said).with("roles", roles)
}

fn unknown_method(method: &str) -> Fault {
    Fault::new(Code::Unimplemented, "METHOD_UNKNOWN", format!("there is no method `{method}`"))
        .with("method", method)
}
