//! A listener with certificates, and clients with theirs.

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use greenroom_auth::{Access, AccessTable, TokenGate, Verifier};
use greenroom_domain::identity::OrganizationRole;
use greenroom_proto::identity::v1::{ListSigningKeysRequest, ListSigningKeysResponse};
use greenroom_rpc::accept::default_max_connections_per_address;
use greenroom_rpc::client::connect_with;
use greenroom_rpc::layers::access::Door;
use greenroom_rpc::peer::Peer;
use greenroom_rpc::server::{self, Plaintext, Terms, assemble, listen};
use greenroom_rpc::tls::{Certificates, ClientCertificates, ClientTls, ServerTls};
use greenroom_testkit::{Authority, ManualClock, Pair, TestIssuer};
use http::{Request, Uri};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tonic::Response;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic_health::server::HealthReporter;
use tonic_prost::ProstCodec;
use tower::{Service as _, ServiceExt as _};

const LIST_KEYS: &str = "/greenroom.identity.v1.TokenService/ListSigningKeys";
pub const ISSUER: &str = "http://identity.test";
pub const AUDIENCE: &str = "greenroom-test";

/// Where a token is asked for.
pub const CHECK: &str = "/grpc.health.v1.Health/Check";

/// An authority, a folder with the certificates it signed, and a listener that uses them.
pub struct House {
    pub folder: TempDir,
    pub authority: Authority,
    pub address: SocketAddr,
    pub certificates: Certificates,
    pub health: HealthReporter,
    pub issuer: TestIssuer,
    pub clock: ManualClock,
    pub shutdown: CancellationToken,
    pub served: tokio::task::JoinHandle<()>,
}

impl House {
    pub async fn asking(client_certificates: ClientCertificates) -> Self {
        Self::at("127.0.0.1:0", client_certificates).await
    }

    pub async fn at(address: &str, client_certificates: ClientCertificates) -> Self {
        let (folder, authority) = (TempDir::new().unwrap(), Authority::new("authority"));
        let tls = section(folder.path(), &authority, client_certificates);
        let (issuer, clock) = (TestIssuer::new(ISSUER), ManualClock::monday_noon());
        let (router, health) = router(&issuer, &clock).await;
        let terms = Terms {
            plaintext: Plaintext::LoopbackOnly,
            tls: Some(&tls),
            max_connections_per_address: default_max_connections_per_address(),
        };
        let listener = listen(address.parse().unwrap(), terms).await.unwrap();
        let (address, certificates) = (listener.local_addr().unwrap(), listener.certificates().unwrap());
        let shutdown = CancellationToken::new();
        let serving = server::serve(listener, router, shutdown.clone());
        let served = tokio::spawn(async move { serving.await.unwrap() });
        Self { folder, authority, address, certificates, health, issuer, clock, shutdown, served }
    }

    /// A connection that trusts this house's authority, with a certificate or without.
    pub fn client(&self, pair: Option<&Pair>) -> Channel {
        let ca = Some(self.authority.write(self.folder.path(), "trusted"));
        let mut tls = ClientTls { ca, ..ClientTls::default() };
        if let Some(pair) = pair {
            let (certificate, key) = pair.write(self.folder.path(), "shown");
            tls.certificate = Some(certificate);
            tls.private_key = Some(key);
        }
        connect_with(&self.url(), Some(&tls)).unwrap()
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address)
    }
}

/// The section of a listener whose certificate `authority` has just signed.
pub fn section(folder: &Path, authority: &Authority, client_certificates: ClientCertificates) -> ServerTls {
    let (certificate, private_key) = authority.server().write(folder, "server");
    let client_ca = Some(authority.write(folder, "clients"));
    ServerTls { certificate, private_key, client_ca, client_certificates }
}

/// Tells who asks in place of keys. One method alone: of the many that the service has, no other is asked for here.
async fn tell_in_place_of_keys(
    request: axum::extract::Request,
) -> Result<http::Response<tonic::body::Body>, Infallible> {
    let answer = tower::service_fn(|request: tonic::Request<ListSigningKeysRequest>| {
        let jwks = words(Peer::of(&request).unwrap().clone());
        let answer = ListSigningKeysResponse { jwks, ..ListSigningKeysResponse::default() };
        std::future::ready(Ok::<_, tonic::Status>(Response::new(answer)))
    });
    let mut grpc = tonic::server::Grpc::new(ProstCodec::default());
    Ok(grpc.unary(answer, request).await)
}

/// A service whose health check asks for a scope and whose `/peer` tells a client who it is.
pub async fn router(issuer: &TestIssuer, clock: &ManualClock) -> (Router, HealthReporter) {
    let platform = Access::Scope { scope: "things.read", roles: &[OrganizationRole::Platform] };
    let watch = ("/grpc.health.v1.Health/Watch", Access::Public);
    let keys = (LIST_KEYS, Access::Public);
    let door = Door {
        table: AccessTable::try_new([(CHECK, platform), watch, keys]).unwrap(),
        gate: Arc::new(TokenGate::new(Verifier::new(ISSUER, AUDIENCE), 16)),
        keys: issuer.keys(),
        clock: clock.shared(),
    };
    let http = Router::new()
        .route("/peer", get(tell))
        .route_service(LIST_KEYS, tower::service_fn(tell_in_place_of_keys));
    assemble(Routes::default(), http, &[], Arc::new(door)).await.unwrap()
}

async fn tell(peer: Option<Peer>) -> String {
    words(peer.unwrap())
}

fn words(peer: Peer) -> String {
    assert!(peer.address.ip().is_loopback());
    match peer.certificate {
        None => "nobody".to_owned(),
        Some(it) => format!("{} {:?}", it.subject().unwrap(), it.chain()),
    }
}

/// What a listener says of the peer at the other end of a connection.
pub async fn whoami(channel: &Channel) -> Result<String, tonic::transport::Error> {
    let mut channel = channel.clone();
    let channel = channel.ready().await?;
    let request = Request::get(Uri::from_static("/peer")).body(tonic::body::Body::empty()).unwrap();
    let answer = channel.call(request).await?.into_body();
    let told = axum::body::to_bytes(Body::new(answer), 1024).await.unwrap();
    Ok(String::from_utf8(told.to_vec()).unwrap())
}
