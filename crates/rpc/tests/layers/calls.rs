//! What every call passes before it reaches a handler.

use crate::publisher::Publisher;
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use greenroom_auth::{Access, AccessTable, TokenGate, Verifier};
use greenroom_domain::identity::OrganizationRole;
use greenroom_rpc::accept::default_max_connections_per_address;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::fault::reason_of;
use greenroom_rpc::keys::{Keys, RemoteKeys};
use greenroom_rpc::layers::access::Door;
use greenroom_rpc::server::{Plaintext, Terms, assemble, listen};
use greenroom_testkit::{ManualClock, TestIssuer, eventually};
use http::{Request, StatusCode};
use prost::Message as _;
use std::sync::Arc;
use std::time::Duration;
use tonic::service::Routes;
use tonic::{Code, Status};
use tower::ServiceExt as _;

const ISSUER: &str = "http://127.0.0.1:7101";
const AUDIENCE: &str = "greenroom-test";
const CHECK: &str = "/grpc.health.v1.Health/Check";
const WATCH: &str = "/grpc.health.v1.Health/Watch";

struct House {
    router: Router,
    issuer: TestIssuer,
    clock: ManualClock,
}

impl House {
    async fn open() -> Self {
        let issuer = TestIssuer::new(ISSUER);
        let keys = issuer.keys();
        Self::with_keys(issuer, keys, ManualClock::monday_noon()).await
    }

    /// A listener whose health check asks for a scope, as any method of a service would.
    async fn with_keys(issuer: TestIssuer, keys: Keys, clock: ManualClock) -> Self {
        let platform = Access::Scope { scope: "things.read", roles: &[OrganizationRole::Platform] };
        let door = Door {
            table: AccessTable::try_new([(CHECK, platform), (WATCH, Access::Public)]).unwrap(),
            gate: Arc::new(TokenGate::new(Verifier::new(ISSUER, AUDIENCE), 16)),
            keys,
            clock: clock.shared(),
        };
        let http = Router::new().route("/panic", get(panicking));
        let (router, _) = assemble(Routes::default(), http, &[], Arc::new(door)).await.unwrap();
        Self { router, issuer, clock }
    }

    fn token(&self, role: OrganizationRole, scopes: &str) -> String {
        self.issuer.token(AUDIENCE, "tester", "acme", &[role], scopes, self.clock.now())
    }

    async fn send(&self, request: Request<Body>) -> http::Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// The status a gRPC call ends with.
    async fn status(&self, path: &str, tokens: &[&str], body: Vec<u8>) -> Status {
        let mut request = Request::post(path).header("content-type", "application/grpc");
        for token in tokens {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = self.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        Status::from_header_map(response.headers()).unwrap_or_else(|| Status::ok(""))
    }
}

async fn panicking() -> &'static str {
    panic!("a secret word")
}

/// One message with its five-byte prefix.
fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&[0], length.to_be_bytes().as_slice(), message].concat()
}

fn told(status: &Status) -> (Code, String) {
    (status.code(), reason_of(status).unwrap_or_default())
}

#[tokio::test]
async fn a_good_token_with_scope_and_role_passes() {
    let house = House::open().await;
    let token = house.token(OrganizationRole::Platform, "things.read");
    assert_eq!(house.status(CHECK, &[&token], framed(b"")).await.code(), Code::Ok);
}

#[tokio::test]
async fn a_method_the_table_does_not_know_is_denied_to_everybody() {
    let house = House::open().await;
    let token = house.token(OrganizationRole::Platform, "things.read");
    let status = house.status("/grpc.health.v1.Health/List", &[&token], framed(b"")).await;
    assert_eq!(told(&status), (Code::Unimplemented, "METHOD_UNKNOWN".to_owned()));
}

#[tokio::test]
async fn without_exactly_one_token_nobody_passes() {
    let house = House::open().await;
    let token = house.token(OrganizationRole::Platform, "things.read");
    for tokens in [vec![], vec![token.as_str(), token.as_str()]] {
        let status = house.status(CHECK, &tokens, framed(b"")).await;
        assert_eq!(told(&status), (Code::Unauthenticated, "TOKEN_MISSING".to_owned()));
    }
}

#[tokio::test]
async fn an_expired_token_is_refused_with_the_reason() {
    let house = House::open().await;
    let token = house.token(OrganizationRole::Platform, "things.read");
    house.clock.advance(Duration::from_hours(1));
    let status = house.status(CHECK, &[&token], framed(b"")).await;
    assert_eq!(told(&status), (Code::Unauthenticated, "TOKEN_REFUSED".to_owned()));
}

#[tokio::test]
async fn a_missing_scope_and_a_missing_role_are_told_apart() {
    let house = House::open().await;
    let scopeless = house.token(OrganizationRole::Platform, "other.read");
    let status = house.status(CHECK, &[&scopeless], framed(b"")).await;
    assert_eq!(told(&status), (Code::PermissionDenied, "SCOPE_MISSING".to_owned()));
    let foreign = house.token(OrganizationRole::Issuer, "things.read");
    let status = house.status(CHECK, &[&foreign], framed(b"")).await;
    assert_eq!(told(&status), (Code::PermissionDenied, "ROLE_MISSING".to_owned()));
}

#[tokio::test]
async fn a_body_that_is_no_message_is_the_callers_fault() {
    let house = House::open().await;
    let token = house.token(OrganizationRole::Platform, "things.read");
    let unfinished_field = framed(&[0x0a, 0x7f, 0x01]);
    let cut_off = framed(b"abc")[..6].to_vec();
    for body in [unfinished_field, cut_off, vec![], vec![9; 40]] {
        let status = house.status(CHECK, &[&token], body).await;
        assert_eq!(told(&status), (Code::InvalidArgument, "REQUEST_UNDECODABLE".to_owned()), "{status:?}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_as_too_large() {
    let house = House::open().await;
    let token = house.token(OrganizationRole::Platform, "things.read");
    let status = house.status(CHECK, &[&token], framed(&vec![0; 5 * 1024 * 1024])).await;
    assert_eq!(told(&status), (Code::ResourceExhausted, "REQUEST_UNDECODABLE".to_owned()));
}

#[tokio::test]
async fn a_method_of_the_contract_is_not_served_to_a_foreign_content_type() {
    let house = House::open().await;
    for content_type in ["application/json", "application/grpc-web", "application/grpcx", "text/plain"] {
        let request = Request::post(CHECK).header("content-type", content_type);
        let response = house.send(request.body(Body::from(framed(b""))).unwrap()).await;
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
}

#[tokio::test]
async fn a_panic_becomes_an_incident_that_tells_nothing() {
    let house = House::open().await;
    let request = Request::get("/panic").header("content-type", "text/plain").body(Body::empty()).unwrap();
    let response = house.send(request).await;
    let status = Status::from_header_map(response.headers()).unwrap();
    assert_eq!(told(&status), (Code::Internal, "INTERNAL".to_owned()));
    assert!(!status.message().contains("secret"), "{status:?}");
    assert!(!String::from_utf8_lossy(status.details()).contains("secret"));
}

#[tokio::test]
async fn a_deadline_that_has_passed_is_answered_and_not_left_hanging() {
    let house = House::open().await;
    let token = house.token(OrganizationRole::Platform, "things.read");
    let request = Request::post(CHECK)
        .header("content-type", "application/grpc")
        .header("grpc-timeout", "0n")
        .header("authorization", format!("Bearer {token}"));
    let never = futures::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let response = house.send(request.body(Body::from_stream(never)).unwrap()).await;
    let status = Status::from_header_map(response.headers()).unwrap();
    assert_eq!(told(&status), (Code::DeadlineExceeded, "DEADLINE_EXCEEDED".to_owned()));
}

#[tokio::test]
async fn a_thousand_made_up_keys_cause_one_fetch() {
    let issuer = TestIssuer::new(ISSUER);
    let (identity, publisher) = Publisher::start(issuer.jwks()).await;
    let clock = ManualClock::monday_noon();
    let keys =
        Keys::Remote(RemoteKeys::new(identity, greenroom_auth::RefreshRules::default(), clock.shared()));
    let house = House::with_keys(issuer, keys, clock).await;
    let strangers: Vec<TestIssuer> = (0..20).map(|_| TestIssuer::new(ISSUER)).collect();
    for round in 0..1000 {
        let stranger = &strangers[round % strangers.len()];
        let now = house.clock.now();
        let token =
            stranger.token(AUDIENCE, "tester", "acme", &[OrganizationRole::Platform], "things.read", now);
        let status = house.status(CHECK, &[&token], framed(b"")).await;
        assert_eq!(told(&status), (Code::Unauthenticated, "TOKEN_REFUSED".to_owned()));
    }
    assert_eq!(publisher.asked(), 1);
    let good = house.token(OrganizationRole::Platform, "things.read");
    assert_eq!(house.status(CHECK, &[&good], framed(b"")).await.code(), Code::Ok);
}

#[tokio::test]
async fn keys_said_to_have_changed_are_fetched_at_once_and_together() {
    let (issuer, next) = (TestIssuer::new(ISSUER), TestIssuer::new(ISSUER));
    let (identity, publisher) = Publisher::start(issuer.jwks()).await;
    let clock = ManualClock::monday_noon();
    let remote = RemoteKeys::new(identity, greenroom_auth::RefreshRules::default(), clock.shared());
    let fresh = remote.clone();
    tokio::spawn(async move { fresh.keep_fresh().await });
    let house = House::with_keys(issuer, Keys::Remote(remote.clone()), clock).await;
    let known = async |issuer: &TestIssuer| {
        let now = house.clock.now();
        let role = [OrganizationRole::Platform];
        let token = issuer.token(AUDIENCE, "tester", "acme", &role, "things.read", now);
        house.status(CHECK, &[&token], framed(b"")).await.code() == Code::Ok
    };
    assert!(known(&house.issuer).await && !known(&next).await);
    *publisher.jwks.lock().unwrap() = next.jwks();
    for _ in 0..100 {
        remote.told_of(&house.issuer.key_id(), Some(house.clock.now()));
        remote.told_of(&next.key_id(), None);
    }
    assert!(known(&house.issuer).await, "not a second time at the same instant");
    house.clock.advance(Duration::from_millis(500));
    eventually("the new key is known", async || known(&next).await.then_some(())).await;
    assert!(!known(&house.issuer).await);
    assert_eq!(publisher.asked(), 2);
}

#[tokio::test]
async fn without_any_keys_a_caller_is_told_to_come_back_and_not_that_the_token_is_bad() {
    let issuer = TestIssuer::new(ISSUER);
    let nobody = greenroom_rpc::client::connect("http://127.0.0.1:1").unwrap();
    let clock = ManualClock::monday_noon();
    let keys = Keys::Remote(RemoteKeys::new(nobody, greenroom_auth::RefreshRules::default(), clock.shared()));
    let house = House::with_keys(issuer, keys, clock).await;
    let token = house.token(OrganizationRole::Platform, "things.read");
    let status = house.status(CHECK, &[&token], framed(b"")).await;
    assert_eq!(told(&status), (Code::Unavailable, "DEPENDENCY_UNAVAILABLE".to_owned()));
}

#[test]
fn reflection_carries_the_error_details_that_grpcurl_prints() {
    let set = prost_types::FileDescriptorSet::decode(tonic_types::pb::FILE_DESCRIPTOR_SET).unwrap();
    let messages = set.file.iter().flat_map(|file| &file.message_type);
    let names: Vec<&str> = messages.map(prost_types::DescriptorProto::name).collect();
    for detail in ["ErrorInfo", "BadRequest", "RetryInfo"] {
        assert!(names.contains(&detail), "{names:?}");
    }
}

/// What the frame answers has to stand in every service's contract.
#[test]
fn the_frames_own_reasons_stand_in_every_contract() {
    let reasons = [
        "FIELDS_INVALID",
        "REQUEST_UNDECODABLE",
        "REQUEST_ID_REUSED",
        "ETAG_MISMATCH",
        "CONCURRENT_CHANGE",
        "PAGE_TOKEN_INVALID",
        "CURSOR_MALFORMED",
        "CURSOR_FOREIGN_DATABASE",
        "CURSOR_AHEAD",
        "TOKEN_MISSING",
        "TOKEN_REFUSED",
        "SCOPE_MISSING",
        "ROLE_MISSING",
        "DEPENDENCY_UNAVAILABLE",
        "INTERNAL",
        "DEADLINE_EXCEEDED",
        "METHOD_UNKNOWN",
        "READER_TOO_SLOW",
    ];
    for service in ["identity", "certification", "registry"] {
        for reason in reasons {
            let package = format!("greenroom.{service}.v1");
            assert!(greenroom_testkit::contract::has_reason(&package, reason), "{package}: {reason}");
        }
    }
}

#[tokio::test]
async fn a_path_nobody_serves_is_not_found_and_not_fine() {
    let house = House::open().await;
    for path in ["/healthz", "/grpc.health.v1.Health/Nothing", "/"] {
        let response = house.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_drain_ends_although_somebody_keeps_a_stream_open() {
    let house = House::open().await;
    let terms = Terms {
        plaintext: Plaintext::LoopbackOnly,
        tls: None,
        max_connections_per_address: default_max_connections_per_address(),
    };
    let listener = listen("127.0.0.1:0".parse().unwrap(), terms).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = tokio_util::sync::CancellationToken::new();
    let served = tokio::spawn(greenroom_rpc::server::serve(listener, house.router.clone(), shutdown.clone()));
    let mut health =
        tonic_health::pb::health_client::HealthClient::new(greenroom_rpc::client::connect(&url).unwrap());
    let mut watch = health.watch(tonic_health::pb::HealthCheckRequest::default()).await.unwrap().into_inner();
    watch.message().await.unwrap();
    shutdown.cancel();
    served.await.unwrap().unwrap();
    assert!(watch.message().await.is_err());
}
