//! An identity service that keeps persons in memory: just enough to be asked for keys, tokens and persons.

use greenroom_proto::identity::v1 as wire;
use greenroom_proto::identity::v1::identity_feed_service_server::{
    IdentityFeedService, IdentityFeedServiceServer,
};
use greenroom_proto::identity::v1::person_query::By;
use greenroom_proto::identity::v1::{DocumentType, FieldMatch, IdentityClaim, PersonResolutionOutcome};
use greenroom_rpc::fault::Fault;
use prost::Message;
use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

/// What it keeps, shared with the test.
#[derive(Default)]
pub struct State {
    /// By document: name and id.
    persons: Mutex<HashMap<(i32, String), (String, String)>>,
    /// The documents of those whose records are kept for storage only.
    pub closed: Mutex<HashSet<String>>,
    /// Events to be told to whoever follows.
    pub feed: Mutex<Vec<wire::IdentityEvent>>,
    /// From which beginning it was asked to tell them, as often as it was without a cursor.
    pub beginnings: Mutex<Vec<wire::FeedBeginning>>,
    /// Another number with every database.
    database: AtomicUsize,
    /// The keys it publishes.
    pub jwks: Mutex<String>,
    /// The ids of persons that are known no more.
    pub forgotten: Mutex<HashSet<String>>,
    /// Whether questions about persons go unanswered.
    pub silent: AtomicBool,
    /// Whether persons are found by their document alone and not kept: a million would be most of a process.
    pub forgetful: AtomicBool,
    /// How often a claim was compared with a person.
    pub comparisons: AtomicUsize,
}

impl State {
    /// Goes on with another database that tells `events`.
    pub fn replace_feed(&self, events: Vec<wire::IdentityEvent>) {
        *self.feed.lock().unwrap() = events;
        self.database.fetch_add(1, Ordering::SeqCst);
    }

    /// How many persons are registered.
    pub fn persons(&self) -> usize {
        self.persons.lock().unwrap().len()
    }

    /// Registers somebody; organizations call them `{organization}-{id}`.
    pub fn newcomer(&self) -> String {
        let mut persons = self.persons.lock().unwrap();
        let id = format!("p{:06}", persons.len());
        persons.insert((0, id.clone()), (id.clone(), format!("persons/{id}")));
        id
    }

    fn resolve(&self, claim: &IdentityClaim, register: bool) -> wire::PersonResolution {
        let faults = faults(claim);
        let answer = |outcome: PersonResolutionOutcome, person: String, faults: Vec<String>| {
            wire::PersonResolution { outcome: outcome.into(), person, faults }
        };
        if !faults.is_empty() {
            return answer(PersonResolutionOutcome::Invalid, String::new(), faults);
        }
        if self.forgetful.load(Ordering::Relaxed) {
            let id = format!("persons/{}", claim.document_number.to_lowercase());
            return answer(PersonResolutionOutcome::Found, id, Vec::new());
        }
        if self.closed.lock().unwrap().contains(&key(claim).1) {
            return answer(PersonResolutionOutcome::NotFound, String::new(), Vec::new());
        }
        let mut persons = self.persons.lock().unwrap();
        let count = persons.len();
        match persons.get(&key(claim)) {
            Some((name, id)) if *name == name_of(claim) => {
                answer(PersonResolutionOutcome::Found, id.clone(), Vec::new())
            }
            Some(_) => answer(PersonResolutionOutcome::NameConflict, String::new(), Vec::new()),
            None if register => {
                let id = format!("persons/p{count:06}");
                persons.insert(key(claim), (name_of(claim), id.clone()));
                answer(PersonResolutionOutcome::Registered, id, Vec::new())
            }
            None => answer(PersonResolutionOutcome::NotFound, String::new(), Vec::new()),
        }
    }

    /// The person `persons/p7` is `persons/shop-p7` to the organization `shop`.
    fn named(&self, name: &wire::PairwiseName) -> wire::PersonResolution {
        let organization = name.organization.strip_prefix("organizations/").unwrap();
        let own = name.person.strip_prefix(&format!("persons/{organization}-"));
        let id = own.map(|own| format!("persons/{own}")).unwrap_or_default();
        let persons = self.persons.lock().unwrap();
        let closed = self.closed.lock().unwrap();
        let known = persons.iter().any(|(key, (_, known))| *known == id && !closed.contains(&key.1));
        let outcome = if known { PersonResolutionOutcome::Found } else { PersonResolutionOutcome::NotFound };
        let person = if known { id } else { String::new() };
        wire::PersonResolution { outcome: outcome.into(), person, faults: Vec::new() }
    }

    /// Registers a person as a platform would; tells the suite-wide id.
    pub fn register(&self, name: &str, document_type: DocumentType, number: &str) -> String {
        let claim = IdentityClaim {
            real_name: name.to_owned(),
            document_type: document_type.into(),
            document_number: number.to_owned(),
        };
        self.resolve(&claim, true).person
    }

    fn compare(&self, person: &str, claim: &IdentityClaim) -> Option<wire::MatchPersonResponse> {
        let persons = self.persons.lock().unwrap();
        let (document, (name, _)) = persons.iter().find(|(_, (_, id))| id == person)?;
        let field = |fits| i32::from(if fits { FieldMatch::Match } else { FieldMatch::Mismatch });
        Some(wire::MatchPersonResponse {
            real_name: field(*name == name_of(claim)),
            document_type: field(document.0 == claim.document_type),
            document_number: field(document.1 == key(claim).1),
        })
    }
}

fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap(),
        _ => c,
    }
}

fn key(claim: &IdentityClaim) -> (i32, String) {
    let number = claim.document_number.chars().map(half_width).filter(|c| !c.is_whitespace() && *c != '-');
    (claim.document_type, number.collect::<String>().to_uppercase())
}

fn name_of(claim: &IdentityClaim) -> String {
    let words: Vec<&str> = claim.real_name.split_whitespace().collect();
    words.join(" ").chars().map(half_width).map(|c| if "•‧・".contains(c) { '·' } else { c }).collect()
}

fn faults(claim: &IdentityClaim) -> Vec<String> {
    let number = key(claim).1;
    let (shortest, longest) = match claim.document_type() {
        DocumentType::Passport | DocumentType::TravelPermit => (5, 15),
        DocumentType::ForeignPermanentResidentCardOld => (15, 15),
        _ => (18, 18),
    };
    let mut faults = Vec::new();
    if !(shortest..=longest).contains(&number.len()) {
        faults.push("LENGTH_WRONG");
    } else if longest == 18 {
        if claim.document_type() == DocumentType::ResidentIdentityCard && number.starts_with("81") {
            faults.push("PREFIX_WRONG");
        }
        let day: u32 = number[12..14].parse().unwrap();
        if number[10..12] == *"02" && day > 29 {
            faults.push("BIRTH_DATE_WRONG");
        }
        let sum = number.chars().fold(0, |sum, c| (sum * 2 + c.to_digit(10).unwrap_or(10)) % 11);
        if sum != 1 {
            faults.push("CHECK_DIGIT_WRONG");
        }
    }
    if name_of(claim).chars().count() > 64 {
        faults.push("NAME_TOO_LONG");
    }
    faults.into_iter().map(str::to_owned).collect()
}

#[derive(Clone)]
struct Fake(Arc<State>);

impl Fake {
    fn signing_keys(&self) -> wire::ListSigningKeysResponse {
        let jwks = self.0.jwks.lock().unwrap().clone();
        wire::ListSigningKeysResponse { jwks, ..wire::ListSigningKeysResponse::default() }
    }

    fn match_person(&self, request: wire::MatchPersonRequest) -> Result<wire::MatchPersonResponse, Status> {
        if self.0.silent.load(Ordering::Relaxed) {
            return Err(Status::unavailable("silent"));
        }
        self.0.comparisons.fetch_add(1, Ordering::Relaxed);
        let compared = self.0.compare(&request.person, &request.claim.unwrap());
        compared.ok_or_else(|| Status::not_found("no such person"))
    }

    /// The name of `persons/p1` for `organizations/registrar` is `persons/registrar-p1`.
    fn name_person(&self, request: &wire::NamePersonRequest) -> Result<wire::NamePersonResponse, Status> {
        if self.0.silent.load(Ordering::Relaxed) {
            return Err(Status::unavailable("silent"));
        }
        let number = request.person.strip_prefix("persons/").unwrap();
        if self.0.forgotten.lock().unwrap().contains(number) {
            let fault = Fault::not_found("PERSON_NOT_FOUND", "person", &request.person);
            return Err(fault.into());
        }
        let organization = request.organization.strip_prefix("organizations/").unwrap();
        let person = format!("persons/{organization}-{number}");
        Ok(wire::NamePersonResponse { person, revision: String::new() })
    }

    fn resolve_persons(
        &self,
        request: &wire::ResolvePersonsRequest,
    ) -> Result<wire::ResolvePersonsResponse, Status> {
        if self.0.silent.load(Ordering::Relaxed) {
            return Err(Status::unavailable("silent"));
        }
        assert!(request.queries.len() <= 1000);
        let resolve = |query: &wire::PersonQuery| match query.by.as_ref() {
            Some(By::Claim(claim)) => self.0.resolve(claim, request.register_missing),
            // Everybody an organization calls `known-…` is somebody.
            Some(By::Pairwise(name)) => match name.person.strip_prefix("persons/known-") {
                Some(known) => wire::PersonResolution {
                    outcome: PersonResolutionOutcome::Found.into(),
                    person: format!("persons/suite-{known}"),
                    faults: Vec::new(),
                },
                None => self.0.named(name),
            },
            None => panic!("asked in another way"),
        };
        let resolutions = request.queries.iter().map(resolve).collect();
        Ok(wire::ResolvePersonsResponse { resolutions, revision: String::new() })
    }
}

fn token() -> wire::IssueTokenResponse {
    let access_token = "a-token".to_owned();
    wire::IssueTokenResponse { access_token, expires_in: 300, ..wire::IssueTokenResponse::default() }
}

/// One method alone: of the many that the identity service has, few are asked for here.
fn unary<Q, A>(
    path: &str,
    answer: impl Fn(Q) -> Result<A, Status> + Clone + Send + Sync + 'static,
) -> axum::Router
where
    Q: Message + Default + Send + 'static,
    A: Message + Default + Send + 'static,
{
    let handler = move |request: axum::extract::Request| {
        let answer = answer.clone();
        async move {
            let service = tower::service_fn(move |request: Request<Q>| {
                std::future::ready(answer(request.into_inner()).map(Response::new))
            });
            let grpc = tonic::server::Grpc::new(ProstCodec::<A, Q>::default());
            Ok::<_, Infallible>(grpc.max_decoding_message_size(16 << 20).unary(service, request).await)
        }
    };
    axum::Router::new().route_service(path, tower::service_fn(handler))
}

#[tonic::async_trait]
impl IdentityFeedService for Fake {
    type WatchIdentityEventsStream = ReceiverStream<Result<wire::WatchIdentityEventsResponse, Status>>;

    async fn watch_identity_events(
        &self,
        request: Request<wire::WatchIdentityEventsRequest>,
    ) -> Result<Response<Self::WatchIdentityEventsStream>, Status> {
        let (sender, receiver) = mpsc::channel(4);
        let state = Arc::clone(&self.0);
        let database = state.database.load(Ordering::SeqCst);
        let request = request.into_inner();
        if request.cursor.is_empty() {
            state.beginnings.lock().unwrap().push(request.beginning());
        }
        let cursor = request.cursor;
        let mut told = match cursor.split_once('/') {
            None => 0,
            Some((of, told)) if of == database.to_string() => told.parse().unwrap(),
            Some(_) => return Err(Status::out_of_range("a cursor of another database")),
        };
        tokio::spawn(async move {
            while state.database.load(Ordering::SeqCst) == database {
                let events: Vec<_> = state.feed.lock().unwrap().iter().skip(told).cloned().collect();
                told += events.len();
                let answer = wire::WatchIdentityEventsResponse {
                    events,
                    cursor: format!("{database}/{told}"),
                    current_time: Some(prost_types::Timestamp::default()),
                };
                if sender.send(Ok(answer)).await.is_err() {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

/// Starts it; `jwks` are the keys it publishes.
pub async fn start(jwks: String) -> (SocketAddr, Arc<State>) {
    let state = Arc::new(State { jwks: Mutex::new(jwks), ..State::default() });
    let fake = Fake(Arc::clone(&state));
    let (keys, compared, resolved, naming) = (fake.clone(), fake.clone(), fake.clone(), fake.clone());
    let router = axum::Router::new()
        .merge(unary("/greenroom.identity.v1.TokenService/IssueToken", |_: wire::IssueTokenRequest| {
            Ok(token())
        }))
        .merge(unary(
            "/greenroom.identity.v1.TokenService/ListSigningKeys",
            move |_: wire::ListSigningKeysRequest| Ok(keys.signing_keys()),
        ))
        .merge(unary("/greenroom.identity.v1.PersonService/MatchPerson", move |request| {
            compared.match_person(request)
        }))
        .merge(unary(
            "/greenroom.identity.v1.PersonService/ResolvePersons",
            move |request: wire::ResolvePersonsRequest| resolved.resolve_persons(&request),
        ))
        .merge(unary("/greenroom.identity.v1.PersonService/NamePerson", move |request| {
            naming.name_person(&request)
        }))
        .route_service(
            "/greenroom.identity.v1.IdentityFeedService/WatchIdentityEvents",
            IdentityFeedServiceServer::new(fake),
        );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, state)
}
