//! An identity service that keeps persons in memory: just enough to be asked for keys, tokens and persons.

use greenroom_proto::identity::v1 as wire;
use greenroom_proto::identity::v1::identity_feed_service_server::{
    IdentityFeedService, IdentityFeedServiceServer,
};
use greenroom_proto::identity::v1::person_query::By;
use greenroom_proto::identity::v1::person_service_server::{PersonService, PersonServiceServer};
use greenroom_proto::identity::v1::token_service_server::{TokenService, TokenServiceServer};
use greenroom_proto::identity::v1::{DocumentType, FieldMatch, IdentityClaim, PersonResolutionOutcome};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status};

/// What it keeps, shared with the test.
#[derive(Default)]
pub struct State {
    /// By document: name and id.
    persons: Mutex<HashMap<(i32, String), (String, String)>>,
    /// Events to be told to whoever follows.
    pub feed: Mutex<Vec<wire::IdentityEvent>>,
    jwks: String,
    /// Whether questions about persons go unanswered.
    pub silent: AtomicBool,
}

impl State {
    /// How many persons are registered.
    pub fn persons(&self) -> usize {
        self.persons.lock().unwrap().len()
    }

    fn resolve(&self, claim: &IdentityClaim, register: bool) -> wire::PersonResolution {
        let faults = faults(claim);
        let answer = |outcome: PersonResolutionOutcome, person: String, faults: Vec<String>| {
            wire::PersonResolution { outcome: outcome.into(), person, faults }
        };
        if !faults.is_empty() {
            return answer(PersonResolutionOutcome::Invalid, String::new(), faults);
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

#[tonic::async_trait]
impl TokenService for Fake {
    async fn issue_token(
        &self,
        _: Request<wire::IssueTokenRequest>,
    ) -> Result<Response<wire::IssueTokenResponse>, Status> {
        let answer = wire::IssueTokenResponse {
            access_token: "a-token".to_owned(),
            expires_in: 300,
            ..wire::IssueTokenResponse::default()
        };
        Ok(Response::new(answer))
    }

    async fn list_signing_keys(
        &self,
        _: Request<wire::ListSigningKeysRequest>,
    ) -> Result<Response<wire::ListSigningKeysResponse>, Status> {
        Ok(Response::new(wire::ListSigningKeysResponse { jwks: self.0.jwks.clone() }))
    }
}

#[tonic::async_trait]
impl PersonService for Fake {
    async fn register_person(
        &self,
        _: Request<wire::RegisterPersonRequest>,
    ) -> Result<Response<wire::RegisterPersonResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn get_person(
        &self,
        _: Request<wire::GetPersonRequest>,
    ) -> Result<Response<wire::GetPersonResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn record_proofing(
        &self,
        _: Request<wire::RecordProofingRequest>,
    ) -> Result<Response<wire::RecordProofingResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn match_person(
        &self,
        request: Request<wire::MatchPersonRequest>,
    ) -> Result<Response<wire::MatchPersonResponse>, Status> {
        if self.0.silent.load(Ordering::Relaxed) {
            return Err(Status::unavailable("silent"));
        }
        let request = request.into_inner();
        let compared = self.0.compare(&request.person, &request.claim.unwrap());
        compared.map(Response::new).ok_or_else(|| Status::not_found("no such person"))
    }

    async fn resolve_persons(
        &self,
        request: Request<wire::ResolvePersonsRequest>,
    ) -> Result<Response<wire::ResolvePersonsResponse>, Status> {
        let request = request.into_inner();
        assert!(request.queries.len() <= 1000);
        let resolve = |query: &wire::PersonQuery| match query.by.as_ref() {
            Some(By::Claim(claim)) => self.0.resolve(claim, request.register_missing),
            _ => panic!("asked in another way"),
        };
        let resolutions = request.queries.iter().map(resolve).collect();
        Ok(Response::new(wire::ResolvePersonsResponse { resolutions, revision: String::new() }))
    }
}

#[tonic::async_trait]
impl IdentityFeedService for Fake {
    type WatchIdentityEventsStream = ReceiverStream<Result<wire::WatchIdentityEventsResponse, Status>>;

    async fn watch_identity_events(
        &self,
        _: Request<wire::WatchIdentityEventsRequest>,
    ) -> Result<Response<Self::WatchIdentityEventsStream>, Status> {
        let (sender, receiver) = mpsc::channel(4);
        let state = Arc::clone(&self.0);
        tokio::spawn(async move {
            let mut told = 0;
            loop {
                let events = state.feed.lock().unwrap().split_off(told);
                state.feed.lock().unwrap().extend(events.iter().cloned());
                told += events.len();
                let answer = wire::WatchIdentityEventsResponse {
                    events,
                    cursor: told.to_string(),
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
    let state = Arc::new(State { jwks, ..State::default() });
    let fake = Fake(Arc::clone(&state));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        tonic::transport::Server::builder()
            .add_service(TokenServiceServer::new(fake.clone()))
            .add_service(PersonServiceServer::new(fake.clone()).max_decoding_message_size(16 << 20))
            .add_service(IdentityFeedServiceServer::new(fake))
            .serve_with_incoming(TcpListenerStream::new(listener))
            .await
            .unwrap();
    });
    (address, state)
}
