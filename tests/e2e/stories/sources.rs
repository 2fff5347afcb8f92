//! A source that an integrator runs proves who somebody is, in its own time.

use greenroom_proto::identity::source::v1 as source;
use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1::{Outcome, ReasonCode};
use greenroom_testkit::eventually;
use greenroom_tests::{Holder, Service, Town, request_id};
use identity::person_service_client::PersonServiceClient;
use source::proofing_source_service_server::{ProofingSourceService, ProofingSourceServiceServer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// Is out at first, then takes its time, and says yes when it is let.
#[derive(Clone, Default)]
struct Police {
    asked: Arc<AtomicUsize>,
    ready: Arc<AtomicBool>,
}

#[tonic::async_trait]
impl ProofingSourceService for Police {
    async fn check_identity(
        &self,
        _: Request<source::CheckIdentityRequest>,
    ) -> Result<Response<source::CheckIdentityResponse>, Status> {
        use source::check_identity_response::Answer;
        if self.asked.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(Status::unavailable("out of order"));
        }
        let pending = source::CheckPending { ticket: "ticket-1".to_owned(), retry_after: None };
        Ok(Response::new(source::CheckIdentityResponse { answer: Some(Answer::Pending(pending)) }))
    }

    async fn get_check(
        &self,
        request: Request<source::GetCheckRequest>,
    ) -> Result<Response<source::GetCheckResponse>, Status> {
        use source::get_check_response::Answer;
        assert_eq!(request.into_inner().ticket, "ticket-1");
        let verdict = source::CheckVerdict::Match.into();
        let outcome = source::CheckOutcome { verdict, ..Default::default() };
        let pending = source::CheckPending { ticket: "ticket-1".to_owned(), retry_after: None };
        let ready = self.ready.load(Ordering::Relaxed);
        let answer = if ready { Answer::Outcome(outcome) } else { Answer::Pending(pending) };
        Ok(Response::new(source::GetCheckResponse { answer: Some(answer) }))
    }
}

/// Starts the source; gives its address.
async fn serve(police: Police) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = ProofingSourceServiceServer::new(police);
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(TcpIncoming::from(listener)));
    url
}

#[tokio::test]
async fn a_source_proves_a_person_in_its_own_time_and_the_registry_says_yes() {
    let police = Police::default();
    let town = Town::start_with_source("police", &serve(police.clone()).await).await;
    let operator = town.operator();
    let platform = operator.platform("acme").await.unwrap();
    let issuer = operator.issuer("east-school").await.unwrap();
    let mina = Holder::new(1, "19900307", 3);
    issuer.import(std::slice::from_ref(&mina)).await.unwrap();
    let person = platform.register(&mina).await.unwrap();
    let (streamer, enrolled) = platform.enrol("mina", &person).await.unwrap();
    let decision = platform.check_at(&streamer, &enrolled).await.unwrap();
    assert_eq!(decision.reasons[0].code(), ReasonCode::IdentityUnverified);

    let mut persons = PersonServiceClient::new(platform.to(Service::Identity));
    let request = identity::StartProofingRequest {
        person: person.clone(),
        source: "police".to_owned(),
        request_id: request_id(),
        validate_only: false,
    };
    let begun = persons.start_proofing(request).await.unwrap().into_inner().proofing_job.unwrap();
    for (state, wait) in [
        (identity::ProofingJobState::Outage, Duration::from_mins(1)),
        (identity::ProofingJobState::Waiting, Duration::from_mins(1)),
    ] {
        eventually("the source answers", || async {
            let request = identity::GetProofingJobRequest { name: begun.name.clone() };
            let job = persons.clone().get_proofing_job(request).await.unwrap().into_inner().proofing_job?;
            (job.state() == state).then_some(())
        })
        .await;
        assert_eq!(platform.check(&streamer).await.unwrap().outcome(), Outcome::Deny);
        police.ready.store(state == identity::ProofingJobState::Waiting, Ordering::Relaxed);
        town.clock.advance(wait);
    }
    eventually("the answer is yes", || async {
        platform.check(&streamer).await.ok().filter(|it| it.outcome() == Outcome::Allow)
    })
    .await;
    assert_eq!(platform.person(&person).await.unwrap().state(), identity::PersonState::Verified);
    town.end().await;
}
