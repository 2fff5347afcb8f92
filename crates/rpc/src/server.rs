//! The one builder of every listener: layers in their order, health, reflection, drain.

use crate::accept::{Admission, Arrival, admit};
use crate::layers::access::{Door, access};
use crate::layers::{deadline, guard, trace, translate};
use crate::tls::{Certificates, ServerTls, TlsError};
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use futures::{Stream, TryStreamExt as _};
use greenroom_auth::Access;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::Health as _;
use tonic_health::server::{HealthReporter, HealthService};

/// A service that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it tells health checks.
    pub health: HealthReporter,
    /// Ends after the shutdown, once calls under way have ended and everything it had open is closed.
    pub join: JoinHandle<Result<(), tonic::transport::Error>>,
}

/// The longest a drain waits for calls under way.
const DRAIN: Duration = Duration::from_secs(10);

/// How long finished answers have to leave, and peers to close their connections, before those are cut.
const FAREWELL: Duration = Duration::from_millis(250);

/// Methods every listener serves to anybody: health and reflection.
pub const COMMON_ACCESS: &[(&str, Access)] = &[
    ("/grpc.health.v1.Health/Check", Access::Public),
    ("/grpc.health.v1.Health/Watch", Access::Public),
    ("/grpc.health.v1.Health/List", Access::Public),
    ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Access::Public),
    ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Access::Public),
];

/// Adds what every listener serves, and puts the layers around it.
///
/// `routes` are the service's own gRPC services, `http` its plain HTTP routes (empty for most). Reflection shows the
/// suite's contract and `google.rpc`'s error details, so that grpcurl prints those readably.
pub async fn assemble(
    routes: Routes,
    http: Router,
    services: &[&'static str],
    door: Arc<Door>,
) -> Result<(Router, HealthReporter), tonic_reflection::server::Error> {
    let (reporter, health) = tonic_health::server::health_reporter();
    for service in services.iter().copied().chain([""]) {
        reporter.set_service_status(service, tonic_health::ServingStatus::NotServing).await;
    }
    let routes = routes
        .add_service(health)
        .add_service(reflection(services).build_v1()?)
        .add_service(reflection(services).build_v1alpha()?);
    let router = routes
        .into_axum_router()
        .merge(http)
        .layer(from_fn(translate::translate))
        .layer(from_fn_with_state(door, access))
        .layer(from_fn(deadline::deadline))
        .layer(from_fn(trace::trace))
        .layer(from_fn(guard::guard));
    Ok((router, reporter))
}

fn reflection(services: &[&'static str]) -> tonic_reflection::server::Builder<'static> {
    let builder = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(greenroom_proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .with_service_name("grpc.health.v1.Health");
    services.iter().fold(builder, |builder, service| builder.with_service_name(*service))
}

/// Tells health checks that every service of this listener serves.
pub async fn report_serving(reporter: &HealthReporter, services: &[&'static str]) {
    report(reporter, services, tonic_health::ServingStatus::Serving).await;
}

/// Tells health checks that no service of this listener serves.
pub async fn report_not_serving(reporter: &HealthReporter, services: &[&'static str]) {
    report(reporter, services, tonic_health::ServingStatus::NotServing).await;
}

/// Waits until a service of this process says that it serves, whatever its listener asks of clients.
pub async fn serving(reporter: &HealthReporter) -> Result<(), tonic::Status> {
    let health = HealthService::from_health_reporter(reporter.clone());
    let watch = health.watch(tonic::Request::new(HealthCheckRequest::default())).await?;
    let mut watch = watch.into_inner();
    while let Some(answer) = watch.try_next().await? {
        if answer.status() == ServingStatus::Serving {
            return Ok(());
        }
    }
    Err(tonic::Status::unavailable("its health is not told any more"))
}

async fn report(reporter: &HealthReporter, services: &[&'static str], status: tonic_health::ServingStatus) {
    for service in services.iter().copied().chain([""]) {
        reporter.set_service_status(service, status).await;
    }
}

/// Why a listener could not be opened, with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has the port.
    #[error("the address {0} is in use by another program; stop it or choose another port")]
    InUse(SocketAddr),
    /// Plaintext would leave the machine.
    #[error(
        "{0} is not a loopback address, and this listener speaks plaintext; give it a certificate under `[tls]`, or set `allow_plaintext = true` to accept that"
    )]
    Plaintext(SocketAddr),
    /// The certificates cannot be used.
    #[error("`[tls]`: {0}")]
    Tls(#[from] TlsError),
    /// Anything else.
    #[error("cannot listen on {0}: {1}")]
    Other(SocketAddr, io::Error),
}

/// On what terms a listener takes connections.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Where plaintext may be spoken. Does not matter with TLS.
    pub plaintext: Plaintext,
    /// The certificate of the listener, and what it asks of clients. Plaintext if there is none.
    pub tls: Option<&'a ServerTls>,
    /// How many connections one address may hold. More are closed as they come.
    pub max_connections_per_address: NonZeroU32,
}

/// An open listener.
pub struct Listener {
    tcp: TcpListener,
    admission: Admission,
}

impl Listener {
    /// Where it listens.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    /// The certificates it uses; none if it speaks plaintext.
    pub fn certificates(&self) -> Option<Certificates> {
        self.admission.certificates().cloned()
    }
}

/// Opens a listener: with TLS anywhere, and without it on loopback unless the configuration allows more by name.
pub async fn listen(address: SocketAddr, terms: Terms<'_>) -> Result<Listener, ListenError> {
    let plaintext = terms.tls.is_none();
    if plaintext && terms.plaintext == Plaintext::LoopbackOnly && !address.ip().is_loopback() {
        return Err(ListenError::Plaintext(address));
    }
    let admission = Admission::new(terms.tls, terms.max_connections_per_address)?;
    let tcp = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse(address),
        _ => ListenError::Other(address, error),
    })?;
    Ok(Listener { tcp, admission })
}

/// Where plaintext may be spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plaintext {
    /// On this machine only.
    LoopbackOnly,
    /// Anywhere: the network protects it.
    Anywhere,
}

/// Serves until `shutdown`, then drains: new connections are refused, calls under way have ten seconds to be answered,
/// and then every connection is cut, whatever streams are still open on it.
pub async fn serve(
    listener: Listener,
    router: Router,
    shutdown: CancellationToken,
) -> Result<(), tonic::transport::Error> {
    let incoming = TcpListenerStream::new(listener.tcp).and_then(|stream| async {
        // Failing costs latency only, and the connection is about to tell more.
        drop(stream.set_nodelay(true));
        let address = stream.peer_addr()?;
        Ok((stream, address))
    });
    serve_streams(Box::pin(incoming), listener.admission, router, shutdown).await
}

/// Serves connections wherever they come from, like [`serve`].
pub async fn serve_streams<S>(
    incoming: impl Stream<Item = io::Result<(S, SocketAddr)>> + Send + Unpin,
    admission: Admission,
    router: Router,
    shutdown: CancellationToken,
) -> Result<(), tonic::transport::Error>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (under_way, sever) = (TaskTracker::new(), CancellationToken::new());
    let router = router.layer(from_fn_with_state(under_way.clone(), arrive));
    let certificates = admission.certificates().cloned();
    let server = Server::builder()
        .accept_http1(true)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .http2_max_header_list_size(16 * 1024)
        .max_concurrent_streams(1_000)
        .add_routes(Routes::from(router).prepare())
        .serve_with_incoming_shutdown(
            admit(incoming, admission, sever.clone()),
            shutdown.clone().cancelled_owned(),
        );
    let drain = async {
        shutdown.cancelled().await;
        under_way.close();
        if tokio::time::timeout(DRAIN, under_way.wait()).await.is_err() {
            tracing::warn!("calls were still under way after {DRAIN:?}; they are cut");
        }
        tokio::time::sleep(FAREWELL).await;
        sever.cancel();
        // Once cut, the connections end by themselves, and the server with them.
        std::future::pending().await
    };
    let fresh = async {
        if let Some(certificates) = certificates {
            certificates.keep_fresh().await;
        }
        std::future::pending().await
    };
    tokio::select! {
        ended = server => ended,
        never = drain => never,
        never = fresh => never,
    }
}

/// Lets the connection of a request stay, tells the request who its peer is, and counts the call until its answer
/// begins. Streams end by themselves at the shutdown, or are cut.
async fn arrive(State(under_way): State<TaskTracker>, mut request: Request, next: Next) -> Response {
    if let Some(arrival) = request.extensions_mut().remove::<Arrival>() {
        arrival.begun.cancel();
        request.extensions_mut().insert(arrival.peer);
    }
    under_way.track_future(next.run(request)).await
}
