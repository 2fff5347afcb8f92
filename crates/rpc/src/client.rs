//! How a service (or a tool) calls another: one lazy connection, and a bearer token that renews itself.

use crate::clock::SharedClock;
use crate::tls::{ClientTls, TlsError, dial};
use crate::wire;
use greenroom_auth::{AssertionClaims, SigningKey};
use greenroom_domain::kernel::{ClientId, Timestamp};
use greenroom_proto::identity::v1::issue_token_request::Proof;
use greenroom_proto::identity::v1::token_service_client::TokenServiceClient;
use greenroom_proto::identity::v1::{ClientSecret as WireSecret, IssueTokenRequest};
use std::error::Error as _;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use tonic::body::Body;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tower::{Service, ServiceExt as _};
use uuid::Uuid;
use zeroize::Zeroizing;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const ISSUE_TIMEOUT: Duration = Duration::from_secs(5);
const ASSERTION_LIFETIME: Duration = Duration::from_mins(1);

/// How long before its credential ends a client begins to say so in its log.
const WARN_BEFORE: Duration = Duration::from_hours(30 * 24);

/// How often it says so.
const WARN_EVERY: Duration = Duration::from_hours(24);

/// Why there can be no connection to an address, whoever listens there.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is not one.
    #[error(transparent)]
    Url(#[from] tonic::transport::Error),
    /// The certificates of an `https://` address cannot be used.
    #[error("`[client_tls]`: {0}")]
    Tls(#[from] TlsError),
}

/// A lazy connection to `url` (`http://host:port` or `https://host:port`): it connects with the first call and again
/// after every loss. Over TLS it trusts the system's roots and shows no certificate.
pub fn connect(url: &str) -> Result<Channel, ConnectError> {
    connect_with(url, None)
}

/// A lazy connection like that of [`connect`], which over TLS trusts and shows what `tls` says. Its files are read here
/// for the first time and again for every new connection.
pub fn connect_with(url: &str, tls: Option<&ClientTls>) -> Result<Channel, ConnectError> {
    let endpoint = Endpoint::from_shared(url.to_owned())?
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(Duration::from_secs(15))
        .keep_alive_timeout(Duration::from_secs(5))
        .keep_alive_while_idle(true);
    if endpoint.uri().scheme_str() != Some("https") {
        return Ok(endpoint.connect_lazy());
    }
    Ok(dial(&endpoint, tls.unwrap_or(&ClientTls::default()))?)
}

/// How a client proves who it is.
pub enum Credential {
    /// A private key; assertions are addressed to `issuer`.
    Key {
        /// The OAuth `client_id`.
        client: ClientId,
        /// The key.
        key: Box<SigningKey>,
        /// The issuer, as its metadata spells it.
        issuer: String,
    },
    /// A secret.
    Secret {
        /// The OAuth `client_id`.
        client: ClientId,
        /// The secret.
        secret: Zeroizing<String>,
    },
    /// The certificate that the connection to the identity service shows (RFC 8705 §2). Tokens are bound to it: every
    /// connection they are used on shows the same one.
    Certificate {
        /// The OAuth `client_id`.
        client: ClientId,
    },
}

impl Credential {
    /// The OAuth `client_id`.
    pub fn client(&self) -> &ClientId {
        match self {
            Self::Key { client, .. } | Self::Secret { client, .. } | Self::Certificate { client } => client,
        }
    }

    /// Proves at `now` who the client is, once.
    pub fn proof(&self, now: Timestamp) -> Result<Proof, Status> {
        match self {
            Self::Key { client, key, issuer } => {
                let claims = AssertionClaims {
                    client_id: client.clone(),
                    audience: issuer.clone(),
                    issue_time: now,
                    expire_time: now.plus(ASSERTION_LIFETIME),
                    assertion_id: Uuid::new_v4().to_string(),
                };
                let signed = key.sign_assertion(&claims);
                signed
                    .map(Proof::ClientAssertion)
                    .map_err(|fault| Status::failed_precondition(fault.to_string()))
            }
            Self::Secret { client, secret } => Ok(Proof::ClientSecret(WireSecret {
                client_id: client.as_str().to_owned(),
                secret: secret.as_str().to_owned(),
            })),
            Self::Certificate { client } => Ok(Proof::CertificateClientId(client.as_str().to_owned())),
        }
    }
}

struct Held {
    token: Arc<str>,
    renew_at: Timestamp,
    expire_time: Timestamp,
}

/// Obtains access tokens for one audience and keeps the present one.
#[derive(Clone)]
pub struct Tokens(Arc<TokensInner>);

struct TokensInner {
    identity: Channel,
    credential: Arc<Credential>,
    audience: &'static str,
    clock: SharedClock,
    held: Mutex<Option<Held>>,
    /// When the log was last told that the credential ends.
    warned: Mutex<Option<Timestamp>>,
    /// One request at a time.
    renewing: Arc<tokio::sync::Mutex<()>>,
}

impl Tokens {
    /// Tokens for `audience`, issued by the identity service behind `identity`.
    pub fn new(
        identity: Channel,
        credential: Arc<Credential>,
        audience: &'static str,
        clock: SharedClock,
    ) -> Self {
        let (held, warned, renewing) = (Mutex::new(None), Mutex::new(None), Arc::default());
        Self(Arc::new(TokensInner { identity, credential, audience, clock, held, warned, renewing }))
    }

    /// A token that is good now. A token about to end is handed out while its successor is fetched; only without any do
    /// callers wait, all of them for one request that none of their deadlines ends.
    pub async fn bearer(&self) -> Result<Arc<str>, Status> {
        let (held, now) = (self.held(), self.0.clock.now());
        if let Some((token, _)) = held.as_ref().filter(|(_, renew_at)| now < *renew_at) {
            return Ok(Arc::clone(token));
        }
        let this = self.clone();
        let Some((token, _)) = held else {
            let turn = Arc::clone(&self.0.renewing).lock_owned();
            let renewal = tokio::spawn(async move { this.renew(turn.await).await });
            return renewal
                .await
                .unwrap_or_else(|_| Err(Status::unavailable("the token request was cut off")));
        };
        // While somebody is at it nobody else needs to be: else every call would leave a task behind for as long as the
        // identity service does not answer.
        if let Ok(turn) = Arc::clone(&self.0.renewing).try_lock_owned() {
            drop(tokio::spawn(async move { this.renew(turn).await }));
        }
        Ok(token)
    }

    /// Drops the token held, because a service refused it.
    pub fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Held>> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token held, if it still lives, and when to look for its successor.
    fn held(&self) -> Option<(Arc<str>, Timestamp)> {
        let now = self.0.clock.now();
        let held = self.lock();
        held.as_ref()
            .filter(|held| now < held.expire_time)
            .map(|held| (Arc::clone(&held.token), held.renew_at))
    }

    /// Obtains a token, unless another has done so before it was our turn.
    async fn renew(&self, _turn: OwnedMutexGuard<()>) -> Result<Arc<str>, Status> {
        let now = self.0.clock.now();
        if let Some((token, _)) = self.held().filter(|(_, renew_at)| now < *renew_at) {
            return Ok(token);
        }
        let issued = tokio::time::timeout(ISSUE_TIMEOUT, self.issue(now)).await;
        let issued = issued.map_err(|_| Status::unavailable("the identity service does not answer"))??;
        Ok(Arc::clone(&self.lock().insert(issued).token))
    }

    async fn issue(&self, now: Timestamp) -> Result<Held, Status> {
        let request = IssueTokenRequest {
            proof: Some(self.0.credential.proof(now)?),
            audience: self.0.audience.to_owned(),
            scopes: Vec::new(),
        };
        let mut client = TokenServiceClient::new(self.0.identity.clone());
        let answer = client.issue_token(request).await.map_err(|status| no_token(unanswered(status)))?;
        let answer = answer.into_inner();
        let ends = answer.credential_not_after_time.as_ref().and_then(|time| wire::instant(time).ok());
        self.warn_of_end(ends, now);
        let life = Duration::from_secs(u64::try_from(answer.expires_in).unwrap_or_default());
        Ok(Held {
            token: answer.access_token.into(),
            renew_at: now.plus(life.mul_f64(0.7)),
            expire_time: now.plus(life),
        })
    }

    /// Says in the log that the credential ends soon: at most once a day, so that it is read.
    fn warn_of_end(&self, ends: Option<Timestamp>, now: Timestamp) {
        let Some(ends) = ends.filter(|ends| now >= ends.minus(WARN_BEFORE)) else { return };
        let mut warned = self.0.warned.lock().unwrap_or_else(PoisonError::into_inner);
        if warned.is_some_and(|last| now < last.plus(WARN_EVERY)) {
            return;
        }
        *warned = Some(now);
        tracing::warn!(
            client.id = %self.0.credential.client(),
            credential.ends = %ends,
            "the credential of this client ends soon; renew it before"
        );
    }
}

/// A connection whose calls carry a bearer token.
#[derive(Clone)]
pub struct Authenticated {
    channel: Channel,
    tokens: Tokens,
}

impl Authenticated {
    /// Calls through `channel` with tokens from `tokens`.
    pub fn new(channel: Channel, tokens: Tokens) -> Self {
        Self { channel, tokens }
    }
}

impl Service<http::Request<Body>> for Authenticated {
    type Response = http::Response<Body>;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // Readiness is awaited in `call`: the library would turn its failure into UNKNOWN.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move { Ok(this.send(request).await.unwrap_or_else(Status::into_http)) })
    }
}

impl Authenticated {
    async fn send(mut self, mut request: http::Request<Body>) -> Result<http::Response<Body>, Status> {
        let token = self.tokens.bearer().await?;
        let value = http::HeaderValue::from_str(&format!("Bearer {token}"));
        let value = value.map_err(|_| Status::failed_precondition("the access token is no header value"))?;
        request.headers_mut().insert(http::header::AUTHORIZATION, value);
        let channel = self.channel.ready().await.map_err(failed)?;
        let response = channel.call(request).await.map_err(failed)?;
        if Status::from_header_map(response.headers()).is_some_and(|s| s.code() == Code::Unauthenticated) {
            self.tokens.forget();
        }
        Ok(response)
    }
}

/// What a failed call comes to for its caller. Where no service has answered, because the connection could not be made or
/// ended early, that is UNAVAILABLE and neither unknown nor cancelled, and tells the innermost cause: a TLS alert, for
/// instance. What a service did answer stays as it is.
pub fn unanswered(status: Status) -> Status {
    // A status that came from a service has no cause on this side.
    let (Code::Unknown | Code::Cancelled, Some(mut cause)) = (status.code(), status.source()) else {
        return status;
    };
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Status::unavailable(format!("the connection ended without an answer: {cause}"))
}

/// What a refused token comes to for the call that needed it: nothing is wrong with what that call says, and the operator can
/// mend the client meanwhile, so whoever tries again does so with reason.
fn no_token(status: Status) -> Status {
    match status.code() {
        Code::InvalidArgument | Code::OutOfRange => {
            let details = status.details().to_vec().into();
            Status::with_details(Code::FailedPrecondition, status.message(), details)
        }
        _ => status,
    }
}

fn failed(error: tonic::transport::Error) -> Status {
    unanswered(Status::from_error(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::fault::{Fault, reason_of};

    /// What is logged, as text.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_refused_token_is_no_fault_of_the_call_that_needs_it() {
        let refused: Status =
            Fault::new(Code::InvalidArgument, "CERTIFICATE_MISSING", "no certificate").into();
        let told = no_token(refused);
        assert_eq!((told.code(), told.message()), (Code::FailedPrecondition, "no certificate"));
        assert_eq!(reason_of(&told).as_deref(), Some("CERTIFICATE_MISSING"));
        assert_eq!(no_token(Status::unavailable("away")).code(), Code::Unavailable);
    }

    #[tokio::test]
    async fn while_identity_is_away_a_token_about_to_end_is_handed_out_and_asked_for_once() {
        let secret = Zeroizing::new("gr_secret".to_owned());
        let credential = Credential::Secret { client: ClientId::try_new("till").unwrap(), secret };
        let identity = connect("http://127.0.0.1:1").unwrap();
        let tokens = Tokens::new(identity, Arc::new(credential), "greenroom-registry", Arc::new(SystemClock));
        let now = tokens.0.clock.now();
        let expire_time = now.plus(Duration::from_hours(1));
        *tokens.lock() = Some(Held { token: "t".into(), renew_at: now, expire_time });
        let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
        for _ in 0..100 {
            assert_eq!(&*tokens.bearer().await.unwrap(), "t");
        }
        assert!(tokio::runtime::Handle::current().metrics().num_alive_tasks() <= before + 1);
    }

    #[tokio::test]
    async fn a_client_says_once_a_day_that_its_credential_ends_within_thirty_days() {
        let secret = Zeroizing::new("gr_secret".to_owned());
        let credential = Credential::Secret { client: ClientId::try_new("till").unwrap(), secret };
        let identity = connect("http://127.0.0.1:1").unwrap();
        let tokens = Tokens::new(identity, Arc::new(credential), "greenroom-registry", Arc::new(SystemClock));
        let end = Timestamp::from_micros(0).plus(WARN_EVERY * 100);
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            // In quarters of days before the end.
            for quarters in [125, 121, 120, 119, 117, 116, 113, 112] {
                tokens.warn_of_end(Some(end), end.minus(WARN_EVERY / 4 * quarters));
                tokens.warn_of_end(None, end);
            }
        });
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.lines().all(|line| line.contains("client.id=till")) && !text.contains("gr_secret"));
    }
}
