//! The other services, as far as the registry calls them.

use axum::Router;
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::Position;
use greenroom_feed::cursor::{Cursor, Revision};
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::identity::v1 as identity;
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::stream::Answers;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::{ManualClock, TestIssuer};
use prost::Message;
use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use uuid::Uuid;

/// One fake feed: a list of facts that somebody watches.
pub struct Feed<F> {
    database: String,
    clock: ManualClock,
    facts: Mutex<Vec<(Timestamp, F)>>,
    /// How far this service's clock runs ahead.
    pub ahead: Mutex<Duration>,
    /// Told with each fact, and when the line is cut or mended.
    changed: watch::Sender<Line>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Open,
    Cut,
}

impl<F: Clone> Feed<F> {
    pub fn new(clock: &ManualClock) -> Arc<Self> {
        Arc::new(Self {
            database: Uuid::new_v4().to_string(),
            clock: clock.clone(),
            facts: Mutex::default(),
            ahead: Mutex::default(),
            changed: watch::Sender::new(Line::Open),
        })
    }

    /// Commits a fact; answers with the revision that names it.
    pub fn tell(&self, fact: F) -> String {
        let revision = self.keep(fact);
        self.changed.send_modify(|_| ());
        revision
    }

    /// Commits a fact without telling anybody yet.
    pub fn keep(&self, fact: F) -> String {
        let mut facts = self.facts.lock().unwrap();
        facts.push((self.clock.now(), fact));
        Revision::at(&self.at(facts.len())).encode()
    }

    /// Cuts the line, or mends it.
    pub fn set(&self, line: Line) {
        self.changed.send_replace(line);
    }

    fn at(&self, sequence: usize) -> Position {
        Position { database: self.database.clone(), sequence: i64::try_from(sequence).unwrap() }
    }

    /// Streams what is committed after `cursor`: `answer` makes a message of events, cursor and time.
    fn watch<T: Send + 'static>(
        self: &Arc<Self>,
        cursor: &str,
        answer: impl Fn(Vec<(i64, Timestamp, F)>, String, Timestamp) -> T + Send + 'static,
    ) -> Result<Response<Answers<T>>, Status>
    where
        F: Send + Sync + 'static,
    {
        if *self.changed.borrow() == Line::Cut {
            return Err(Status::unavailable("the line is cut"));
        }
        let mut sent = usize::try_from(Cursor::resume(cursor, &self.at(usize::MAX >> 1)).unwrap()).unwrap();
        let feed = Arc::clone(self);
        let (sender, receiver) = mpsc::channel(4);
        tokio::spawn(async move {
            let mut changed = feed.changed.subscribe();
            while *changed.borrow_and_update() == Line::Open {
                let now = feed.clock.now().plus(*feed.ahead.lock().unwrap());
                // A line cut before the clock moved must not carry the later time.
                if *feed.changed.borrow() == Line::Cut {
                    break;
                }
                let news: Vec<(i64, Timestamp, F)> = {
                    let facts = feed.facts.lock().unwrap();
                    let numbered = facts.iter().cloned().zip(1i64..).skip(sent);
                    numbered.map(|((at, fact), number)| (number, at, fact)).collect()
                };
                sent += news.len();
                if sender.send(Ok(answer(news, Cursor::encode(&feed.at(sent)), now))).await.is_err() {
                    return;
                }
                // Heartbeats are frequent: the manual clock moves in leaps.
                drop(tokio::time::timeout(Duration::from_millis(10), changed.changed()).await);
            }
            drop(sender.send(Err(Status::unavailable("the line is cut"))).await);
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// Both services behind one listener.
pub struct Others {
    pub address: SocketAddr,
    pub identity: Arc<Feed<identity::identity_fact::Fact>>,
    pub certification: Arc<Feed<certification::certification_fact::Fact>>,
    /// The name a platform knows a person by, to the suite-wide id.
    pub persons: Arc<Mutex<HashMap<(String, String), String>>>,
    /// The keys that the identity service publishes.
    pub jwks: Arc<Mutex<String>>,
}

impl Others {
    pub async fn start(clock: &ManualClock, issuer: &TestIssuer) -> Self {
        let (identity, certification) = (Feed::new(clock), Feed::new(clock));
        let persons: Arc<Mutex<HashMap<(String, String), String>>> = Arc::default();
        let jwks = Arc::new(Mutex::new(issuer.jwks()));
        let router = feeds(Arc::clone(&identity), Arc::clone(&certification))
            .merge(tokens(Arc::clone(&jwks)))
            .merge(resolver(Arc::clone(&persons), Arc::clone(&identity)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, identity, certification, persons, jwks }
    }
}

fn feeds(
    identity: Arc<Feed<identity::identity_fact::Fact>>,
    certification: Arc<Feed<certification::certification_fact::Fact>>,
) -> Router {
    let watch_identity = move |request: identity::WatchIdentityEventsRequest| {
        identity.watch(&request.cursor, |news, cursor, now| identity::WatchIdentityEventsResponse {
            events: news.into_iter().map(identity_event).collect(),
            cursor,
            current_time: Some(timestamp(now)),
        })
    };
    let watch_certification = move |request: certification::WatchCertificationEventsRequest| {
        certification.watch(&request.cursor, |news, cursor, now| {
            certification::WatchCertificationEventsResponse {
                events: news.into_iter().map(certification_event).collect(),
                cursor,
                current_time: Some(timestamp(now)),
            }
        })
    };
    Router::new()
        .merge(streaming("/greenroom.identity.v1.IdentityFeedService/WatchIdentityEvents", watch_identity))
        .merge(streaming(
            "/greenroom.certification.v1.CertificationFeedService/WatchCertificationEvents",
            watch_certification,
        ))
}

fn identity_event(
    (sequence, at, fact): (i64, Timestamp, identity::identity_fact::Fact),
) -> identity::IdentityEvent {
    identity::IdentityEvent {
        sequence,
        commit_time: Some(timestamp(at)),
        fact: Some(identity::IdentityFact { fact: Some(fact) }),
        ..Default::default()
    }
}

fn certification_event(
    (sequence, at, fact): (i64, Timestamp, certification::certification_fact::Fact),
) -> certification::CertificationEvent {
    certification::CertificationEvent {
        sequence,
        commit_time: Some(timestamp(at)),
        fact: Some(certification::CertificationFact { fact: Some(fact) }),
        ..Default::default()
    }
}

fn tokens(jwks: Arc<Mutex<String>>) -> Router {
    let issue = |_: identity::IssueTokenRequest| {
        Ok(Response::new(identity::IssueTokenResponse {
            access_token: "a-token".to_owned(),
            expires_in: 300,
            ..Default::default()
        }))
    };
    let keys = move |_: identity::ListSigningKeysRequest| {
        let jwks = jwks.lock().unwrap().clone();
        Ok(Response::new(identity::ListSigningKeysResponse { jwks, ..Default::default() }))
    };
    Router::new()
        .merge(unary("/greenroom.identity.v1.TokenService/IssueToken", issue))
        .merge(unary("/greenroom.identity.v1.TokenService/ListSigningKeys", keys))
}

fn resolver(
    persons: Arc<Mutex<HashMap<(String, String), String>>>,
    feed: Arc<Feed<identity::identity_fact::Fact>>,
) -> Router {
    let resolve = move |request: identity::ResolvePersonsRequest| {
        if *feed.changed.borrow() == Line::Cut {
            return Err(Status::unavailable("the line is cut"));
        }
        let persons = persons.lock().unwrap();
        let resolutions = request.queries.into_iter().map(|query| {
            let Some(identity::person_query::By::Pairwise(name)) = query.by else {
                panic!("the registry asks by name only")
            };
            let person = persons.get(&(name.organization, name.person)).cloned();
            let outcome = match person {
                Some(_) => identity::PersonResolutionOutcome::Found,
                None => identity::PersonResolutionOutcome::NotFound,
            };
            let person = person.unwrap_or_default();
            identity::PersonResolution { outcome: outcome.into(), person, ..Default::default() }
        });
        let resolutions = resolutions.collect();
        Ok(Response::new(identity::ResolvePersonsResponse { resolutions, revision: String::new() }))
    };
    unary("/greenroom.identity.v1.PersonService/ResolvePersons", resolve)
}

fn unary<Q, A>(
    path: &str,
    answer: impl Fn(Q) -> Result<Response<A>, Status> + Clone + Send + Sync + 'static,
) -> Router
where
    Q: Message + Default + Send + 'static,
    A: Message + Default + Send + 'static,
{
    let handler = move |request: axum::extract::Request| {
        let answer = answer.clone();
        async move {
            let service = tower::service_fn(move |request: Request<Q>| {
                std::future::ready(answer(request.into_inner()))
            });
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<A, Q>::default());
            Ok::<_, Infallible>(grpc.unary(service, request).await)
        }
    };
    Router::new().route_service(path, tower::service_fn(handler))
}

fn streaming<Q, A>(
    path: &str,
    answer: impl Fn(Q) -> Result<Response<Answers<A>>, Status> + Clone + Send + Sync + 'static,
) -> Router
where
    Q: Message + Default + Send + 'static,
    A: Message + Default + Send + 'static,
{
    let handler = move |request: axum::extract::Request| {
        let answer = answer.clone();
        async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<A, Q>::default());
            Ok::<_, Infallible>(grpc.server_streaming(Streaming(answer), request).await)
        }
    };
    Router::new().route_service(path, tower::service_fn(handler))
}

/// A plain function as tonic takes one whose answer is a stream.
struct Streaming<T>(T);

impl<T, Q, A> tonic::server::ServerStreamingService<Q> for Streaming<T>
where
    T: Fn(Q) -> Result<Response<Answers<A>>, Status>,
    A: Send + 'static,
{
    type Response = A;
    type ResponseStream = Answers<A>;
    type Future = std::future::Ready<Result<Response<Answers<A>>, Status>>;

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        std::future::ready((self.0)(request.into_inner()))
    }
}
