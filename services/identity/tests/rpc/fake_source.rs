//! An integrator's source that says what a test tells it to.

use crate::world::{Caller, World};
use greenroom_identity::ProofingSource;
use greenroom_proto::identity::source::v1::proofing_source_service_server::{
    ProofingSourceService, ProofingSourceServiceServer,
};
use greenroom_proto::identity::source::v1::{
    CheckIdentityRequest, CheckIdentityResponse, CheckOutcome, CheckPending, CheckVerdict, GetCheckRequest,
    GetCheckResponse, check_identity_request, check_identity_response, get_check_response,
};
use greenroom_proto::identity::v1::{
    GetPersonRequest, GetProofingJobRequest, Person, ProofingJob, ProofingJobState, StartProofingRequest,
};
use greenroom_rpc::accept::default_max_connections_per_address;
use greenroom_rpc::server::{self, Plaintext, Terms};
use greenroom_rpc::tls::ServerTls;
use greenroom_testkit::eventually;
use sqlx::{Connection as _, Row as _};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Code, Request, Response, Status};

/// What the source does with a question.
#[derive(Clone)]
pub enum Reply {
    Says(CheckOutcome),
    NeedsTime(&'static str),
    Pending(CheckPending),
    Nothing,
    Fails(Code),
    /// Answers with a match once the test lets it.
    Hangs,
    /// The connection is lost.
    Breaks,
}

pub fn says(verdict: CheckVerdict) -> Reply {
    Reply::Says(CheckOutcome { verdict: verdict.into(), ..Default::default() })
}

/// A question as the source received it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub check_id: String,
    pub ticket: String,
    pub identity: Option<check_identity_request::Identity>,
}

#[derive(Clone)]
pub struct FakeSource(Arc<Inner>);

struct Inner {
    url: String,
    replies: Mutex<VecDeque<Reply>>,
    otherwise: Mutex<Reply>,
    asked: Mutex<Vec<Asked>>,
    let_go: Semaphore,
}

impl FakeSource {
    /// A source that does this whenever no other reply is waiting.
    pub async fn start(otherwise: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let fake = Self::at(format!("http://{}", listener.local_addr().unwrap()), otherwise);
        let service = ProofingSourceServiceServer::new(fake.clone());
        let serving = Server::builder().add_service(service).serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(serving);
        fake
    }

    /// The same over TLS.
    pub async fn behind(tls: &ServerTls, otherwise: Reply) -> Self {
        let terms = Terms {
            plaintext: Plaintext::LoopbackOnly,
            tls: Some(tls),
            max_connections_per_address: default_max_connections_per_address(),
        };
        let listener = server::listen("127.0.0.1:0".parse().unwrap(), terms).await.unwrap();
        let fake = Self::at(format!("https://{}", listener.local_addr().unwrap()), otherwise);
        let router = Routes::new(ProofingSourceServiceServer::new(fake.clone())).into_axum_router();
        tokio::spawn(server::serve(listener, router, CancellationToken::new()));
        fake
    }

    fn at(url: String, otherwise: Reply) -> Self {
        Self(Arc::new(Inner {
            url,
            replies: Mutex::default(),
            otherwise: Mutex::new(otherwise),
            asked: Mutex::default(),
            let_go: Semaphore::new(0),
        }))
    }

    /// The source, given all the time a test may take.
    pub fn configured(&self, name: &str) -> ProofingSource {
        ProofingSource { deadline_seconds: 300, ..ProofingSource::new(name, &self.0.url) }
    }

    pub fn next(&self, replies: impl IntoIterator<Item = Reply>) {
        self.0.replies.lock().unwrap().extend(replies);
    }

    pub fn always(&self, reply: Reply) {
        *self.0.otherwise.lock().unwrap() = reply;
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.0.asked.lock().unwrap().clone()
    }

    pub async fn asked_times(&self, count: usize) -> Vec<Asked> {
        eventually("the source was asked", async || Some(self.asked()).filter(|asked| asked.len() >= count))
            .await
    }

    /// Lets one question that hangs be answered.
    pub fn let_go(&self, count: usize) {
        self.0.let_go.add_permits(count);
    }

    async fn reply(&self, asked: Asked) -> Result<Told, Status> {
        self.0.asked.lock().unwrap().push(asked);
        let next = self.0.replies.lock().unwrap().pop_front();
        let next = next.unwrap_or_else(|| self.0.otherwise.lock().unwrap().clone());
        match next {
            Reply::Says(outcome) => Ok(Told::Outcome(outcome)),
            Reply::NeedsTime(ticket) => {
                Ok(Told::Pending(CheckPending { ticket: ticket.to_owned(), retry_after: None }))
            }
            Reply::Pending(pending) => Ok(Told::Pending(pending)),
            Reply::Nothing => Ok(Told::Nothing),
            // As a careless integrator would write it.
            Reply::Fails(code) => Err(Status::new(code, "样例米娜 11010519900307005X")),
            Reply::Hangs => {
                self.0.let_go.acquire().await.unwrap().forget();
                let verdict = CheckVerdict::Match.into();
                Ok(Told::Outcome(CheckOutcome { verdict, ..Default::default() }))
            }
            Reply::Breaks => panic!("the connection breaks as the test asks"),
        }
    }
}

enum Told {
    Outcome(CheckOutcome),
    Pending(CheckPending),
    Nothing,
}

#[tonic::async_trait]
impl ProofingSourceService for FakeSource {
    async fn check_identity(
        &self,
        request: Request<CheckIdentityRequest>,
    ) -> Result<Response<CheckIdentityResponse>, Status> {
        use check_identity_response::Answer;
        let CheckIdentityRequest { check_id, identity } = request.into_inner();
        let told = self.reply(Asked { check_id, ticket: String::new(), identity }).await?;
        let answer = match told {
            Told::Outcome(outcome) => Some(Answer::Outcome(outcome)),
            Told::Pending(pending) => Some(Answer::Pending(pending)),
            Told::Nothing => None,
        };
        Ok(Response::new(CheckIdentityResponse { answer }))
    }

    async fn get_check(
        &self,
        request: Request<GetCheckRequest>,
    ) -> Result<Response<GetCheckResponse>, Status> {
        use get_check_response::Answer;
        let GetCheckRequest { check_id, ticket } = request.into_inner();
        let answer = match self.reply(Asked { check_id, ticket, identity: None }).await? {
            Told::Outcome(outcome) => Some(Answer::Outcome(outcome)),
            Told::Pending(pending) => Some(Answer::Pending(pending)),
            Told::Nothing => None,
        };
        Ok(Response::new(GetCheckResponse { answer }))
    }
}

/// A service that knows the source as `police`.
pub async fn with_police(fake: &FakeSource) -> World {
    World::with(|config| config.proofing_sources.push(fake.configured("police"))).await
}

pub async fn begin(caller: &Caller, person: &str, source: &str) -> Result<ProofingJob, Status> {
    let request =
        StartProofingRequest { person: person.to_owned(), source: source.to_owned(), ..Default::default() };
    Ok(caller.persons().start_proofing(request).await?.into_inner().proofing_job.unwrap())
}

pub async fn job(caller: &Caller, name: &str) -> Result<ProofingJob, Status> {
    let request = GetProofingJobRequest { name: name.to_owned() };
    Ok(caller.persons().get_proofing_job(request).await?.into_inner().proofing_job.unwrap())
}

pub async fn job_in(caller: &Caller, name: &str, state: ProofingJobState) -> ProofingJob {
    eventually("the job came so far", async || {
        Some(job(caller, name).await.unwrap()).filter(|job| job.state() == state)
    })
    .await
}

pub async fn person(caller: &Caller, name: &str) -> Person {
    let request = GetPersonRequest { name: name.to_owned() };
    caller.persons().get_person(request).await.unwrap().into_inner().person.unwrap()
}

/// Method, source, result and authentication of every check on record, in their order.
pub async fn evidence(world: &World) -> Vec<String> {
    let statement = "SELECT method, source, result, authentication FROM proofings ORDER BY id";
    let url = &world.config.database_url;
    let mut rows = Vec::new();
    if url.starts_with("sqlite:") {
        let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
        for row in sqlx::raw_sql(statement).fetch_all(&mut connection).await.unwrap() {
            rows.push((0..4).map(|column| row.get::<String, _>(column)).collect::<Vec<_>>().join(" "));
        }
    } else {
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        for row in sqlx::raw_sql(statement).fetch_all(&mut connection).await.unwrap() {
            rows.push((0..4).map(|column| row.get::<String, _>(column)).collect::<Vec<_>>().join(" "));
        }
    }
    rows.iter().map(|row| row.trim_end().to_owned()).collect()
}
