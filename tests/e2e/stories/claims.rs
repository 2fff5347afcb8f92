//! A platform claims a certificate, and a register that an integrator asks says whether it is genuine.

use greenroom_proto::certification::source::v1 as source;
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1::{Outcome, Reason, ReasonCode};
use greenroom_testkit::eventually;
use greenroom_tests::{Connection, Holder, Operator, Platform, STANDARD, Service, Town, request_id};
use identity::person_service_client::PersonServiceClient;
use source::certificate_source_service_server::{CertificateSourceService, CertificateSourceServiceServer};
use source::{CheckVerdict, FieldVerdict};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// What an integrator puts before a register: it looks numbers up, and has identity compare the holders.
#[derive(Clone)]
struct Adapter {
    /// Who holds what, as the register has it. Every certificate in it is a live salesperson's, of level 3.
    register: Arc<Vec<Holder>>,
    /// The adapter's own client at the identity service.
    identity: Arc<OnceLock<PersonServiceClient<Connection>>>,
    /// Whether the register answers.
    up: Arc<AtomicBool>,
}

impl Adapter {
    /// The holder and the register's entry, as identity compares them.
    async fn compared(&self, person: String, entry: &Holder) -> Result<FieldVerdict, Status> {
        let mut identity =
            self.identity.get().cloned().ok_or_else(|| Status::unavailable("no client yet"))?;
        let request = identity::MatchPersonRequest { person, claim: Some(entry.claim()) };
        let told = identity.match_person(request).await?.into_inner();
        let same = [told.real_name(), told.document_type(), told.document_number()]
            .iter()
            .all(|field| *field == identity::FieldMatch::Match);
        Ok(if same { FieldVerdict::Match } else { FieldVerdict::Mismatch })
    }
}

#[tonic::async_trait]
impl CertificateSourceService for Adapter {
    async fn check_certificate(
        &self,
        request: Request<source::CheckCertificateRequest>,
    ) -> Result<Response<source::CheckCertificateResponse>, Status> {
        let source::CheckCertificateRequest { certificate, holder, .. } = request.into_inner();
        let asked = certificate.ok_or_else(|| Status::invalid_argument("no certificate"))?;
        if !self.up.load(Ordering::Relaxed) {
            return Err(Status::unavailable("the register is out of order"));
        }
        let found = self.register.iter().find(|entry| entry.certificate_number == asked.number);
        let outcome = match found {
            None => source::CheckOutcome { verdict: CheckVerdict::NotFound.into(), ..Default::default() },
            Some(entry) => {
                let same = |same| if same { FieldVerdict::Match } else { FieldVerdict::Mismatch };
                let holder = self.compared(holder, entry).await?;
                let job_type = same(asked.job_type == "live-salesperson");
                let level = same(asked.level() == certification::Level::Level3);
                let all = [holder, job_type, level].iter().all(|field| *field == FieldVerdict::Match);
                let verdict = if all { CheckVerdict::Match } else { CheckVerdict::Mismatch };
                source::CheckOutcome {
                    verdict: verdict.into(),
                    comparison: Some(source::FieldComparison {
                        holder: holder.into(),
                        job_type: job_type.into(),
                        level: level.into(),
                        ..Default::default()
                    }),
                    authentication: source::SourceAuthentication::ServerTls.into(),
                    ..Default::default()
                }
            }
        };
        let answer = Some(source::check_certificate_response::Answer::Outcome(outcome));
        Ok(Response::new(source::CheckCertificateResponse { answer }))
    }

    async fn get_check(
        &self,
        _: Request<source::GetCheckRequest>,
    ) -> Result<Response<source::GetCheckResponse>, Status> {
        Err(Status::unimplemented("the register answers at once"))
    }
}

/// A town whose certification service asks an adapter that answers, or does not, and the adapter.
async fn with_register(register: Vec<Holder>, up: bool) -> (Town, Adapter) {
    let adapter =
        Adapter { register: Arc::new(register), identity: Arc::default(), up: Arc::new(AtomicBool::new(up)) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = CertificateSourceServiceServer::new(adapter.clone());
    tokio::spawn(Server::builder().add_service(service).serve_with_incoming(TcpIncoming::from(listener)));
    let town = Town::start_with_certificate_source("register", &url, "registrar").await;
    let operator = town.operator();
    let admitted = operator.admit("registrar", identity::OrganizationRole::Regulator, &["persons.match"]);
    let client = PersonServiceClient::new(town.connection(Service::Identity, &admitted.await.unwrap()));
    assert!(adapter.identity.set(client).is_ok());
    (town, adapter)
}

/// A platform with a streamer who has shown no certificate yet; gives the person and the streamer.
async fn streamer(platform: &Platform<'_>, account: &str, holder: &Holder) -> (String, String) {
    let person = platform.register(holder).await.unwrap();
    platform.prove(&person).await.unwrap();
    let (streamer, enrolled) = platform.enrol(account, &person).await.unwrap();
    let decision = platform.check_at(&streamer, &enrolled).await.unwrap();
    assert_eq!(decision.reasons[0].code(), ReasonCode::LevelNotHeld);
    (person, streamer)
}

type Certificates = certification::certificate_service_client::CertificateServiceClient<Connection>;

fn certificates(platform: &Platform<'_>) -> Certificates {
    Certificates::new(platform.to(Service::Certification))
}

/// Claims the certificate of a number for a person; gives its name and the revision.
async fn claim(platform: &Platform<'_>, person: &str, number: &str) -> (String, String) {
    let request = certification::ClaimCertificateRequest {
        person: person.to_owned(),
        number: number.to_owned(),
        standard: STANDARD.to_owned(),
        job_type: "live-salesperson".to_owned(),
        level: certification::Level::Level3.into(),
        issue_date: "2025-06-01".to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    let answer = certificates(platform).claim_certificate(request).await.unwrap().into_inner();
    let claimed = answer.certificate.unwrap();
    assert_eq!(claimed.state(), certification::CertificateState::UnderVerification);
    (claimed.name, answer.revision)
}

async fn state(platform: &Platform<'_>, certificate: &str) -> certification::CertificateState {
    let request = certification::GetCertificateRequest { name: certificate.to_owned(), as_of: None };
    let read = certificates(platform).get_certificate(request).await.unwrap().into_inner();
    read.certificate.unwrap().state()
}

/// Waits until sources have said something of a certificate so often, in order.
async fn heard(platform: &Platform<'_>, certificate: &str, results: &[certification::EvidenceResult]) {
    eventually("the source was heard", || async {
        let request =
            certification::ListEvidenceRequest { certificate: certificate.to_owned(), ..Default::default() };
        let told = certificates(platform).list_evidence(request).await.unwrap().into_inner().evidence;
        let told: Vec<_> = told.into_iter().map(|told| told.evidence.unwrap().result()).collect();
        (told == results).then_some(())
    })
    .await;
}

/// Waits until a streamer is answered so, for one reason.
async fn told(platform: &Platform<'_>, streamer: &str, outcome: Outcome, reason: ReasonCode) {
    eventually("the registry has heard of it", || async {
        let decision = platform.check(streamer).await.ok()?;
        let reasons: Vec<ReasonCode> = decision.reasons.iter().map(Reason::code).collect();
        (decision.outcome() == outcome && reasons == [reason]).then_some(())
    })
    .await;
}

async fn allowed(platform: &Platform<'_>, streamer: &str) {
    eventually("the streamer may sell", || async {
        platform.check(streamer).await.ok().filter(|it| it.outcome() == Outcome::Allow)
    })
    .await;
}

async fn opened<'a>(operator: &Operator<'a>) -> Platform<'a> {
    operator.issuer("east-school").await.unwrap();
    operator.platform("acme").await.unwrap()
}

#[tokio::test]
async fn a_register_that_is_down_says_nothing_and_the_streamer_sells_once_it_has_found_the_certificate() {
    use certification::EvidenceResult::{Match, SourceUnavailable};
    let mina = Holder::new(1, "19900307", 3);
    let (town, register) = with_register(vec![mina.clone()], false).await;
    let platform = opened(&town.operator()).await;
    let (person, streamer) = streamer(&platform, "mina", &mina).await;
    let (certificate, claimed) = claim(&platform, &person, &mina.certificate_number).await;
    let decision = platform.check_at(&streamer, &claimed).await.unwrap();
    assert_eq!(decision.outcome(), Outcome::NotYet);

    heard(&platform, &certificate, &[SourceUnavailable]).await;
    for _ in 0..3 {
        town.clock.advance(Duration::from_mins(1));
        told(&platform, &streamer, Outcome::NotYet, ReasonCode::CertUnderVerification).await;
        let state = state(&platform, &certificate).await;
        assert_eq!(state, certification::CertificateState::UnderVerification, "never \"not found\"");
    }
    register.up.store(true, Ordering::Relaxed);
    town.clock.advance(Duration::from_mins(10));
    heard(&platform, &certificate, &[SourceUnavailable, Match]).await;
    allowed(&platform, &streamer).await;
    assert_eq!(state(&platform, &certificate).await, certification::CertificateState::Verified);

    // Down again: what it said before holds.
    register.up.store(false, Ordering::Relaxed);
    town.clock.advance(Duration::from_mins(1));
    allowed(&platform, &streamer).await;
    town.end().await;
}

#[tokio::test]
async fn a_number_is_not_its_holder_and_one_the_register_lacks_is_looked_for_again() {
    let (mina, noor) = (Holder::new(1, "19900307", 3), Holder::new(2, "19910408", 3));
    let (town, _register) = with_register(vec![mina.clone()], true).await;
    let platform = opened(&town.operator()).await;
    let (person, borrower) = streamer(&platform, "noor", &noor).await;
    let (borrowed, _) = claim(&platform, &person, &mina.certificate_number).await;
    told(&platform, &borrower, Outcome::Deny, ReasonCode::CertHolderMismatch).await;
    assert_eq!(state(&platform, &borrowed).await, certification::CertificateState::Mismatch);
    // Of several alternatives the most hopeful one is told.
    let (unknown, _) = claim(&platform, &person, &noor.certificate_number).await;
    told(&platform, &borrower, Outcome::NotYet, ReasonCode::CertNotFound).await;
    assert_eq!(state(&platform, &unknown).await, certification::CertificateState::NotFound);
    town.end().await;
}

#[tokio::test]
async fn a_certificate_whose_issuer_nobody_has_filed_was_never_struck_off() {
    let mina = Holder::new(1, "19900307", 3);
    let (town, register) = with_register(vec![mina.clone()], false).await;
    let platform = town.operator().platform("acme").await.unwrap();
    let (person, streamer) = streamer(&platform, "mina", &mina).await;
    claim(&platform, &person, &mina.certificate_number).await;
    told(&platform, &streamer, Outcome::NotYet, ReasonCode::CertUnderVerification).await;
    register.up.store(true, Ordering::Relaxed);
    town.clock.advance(Duration::from_mins(10));
    told(&platform, &streamer, Outcome::Undetermined, ReasonCode::IssuerNotFiled).await;
    town.end().await;
}
