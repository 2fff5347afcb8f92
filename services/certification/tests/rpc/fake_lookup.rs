//! An integrator's source of certificates that says what a test tells it to.

use crate::rolls::roll;
use crate::world::World;
use greenroom_auth::OrganizationRole as Role;
use greenroom_certification::CertificateSource;
use greenroom_proto::certification::source::v1 as told;
use greenroom_proto::certification::source::v1::certificate_source_service_server::{
    CertificateSourceService, CertificateSourceServiceServer,
};
use greenroom_proto::certification::source::v1::{
    CheckOutcome, CheckPending, CheckVerdict, FieldComparison, FieldVerdict, check_certificate_response,
    get_check_response,
};
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::VerificationJobState;
use greenroom_testkit::eventually;
use greenroom_testkit::script::{self, Script, Told};
use sqlx::{Connection as _, Row as _};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

pub type Reply = script::Reply<CheckOutcome>;

/// A question as the source received it.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub check_id: String,
    pub ticket: String,
    pub certificate: Option<told::CheckedCertificate>,
    pub holder: String,
}

/// An answer in which everything that was compared is the same.
pub fn outcome(verdict: CheckVerdict) -> CheckOutcome {
    let same = i32::from(FieldVerdict::Match);
    let compared = FieldComparison { holder: same, job_type: same, level: same, ..Default::default() };
    let comparison = (verdict != CheckVerdict::NotFound).then_some(compared);
    CheckOutcome { verdict: verdict.into(), comparison, ..Default::default() }
}

pub fn says(verdict: CheckVerdict) -> Reply {
    Reply::Says(outcome(verdict))
}

pub fn hangs() -> Reply {
    Reply::Hangs(outcome(CheckVerdict::Match))
}

#[derive(Clone)]
pub struct FakeLookup {
    url: String,
    pub script: Script<Asked, CheckOutcome>,
}

impl FakeLookup {
    pub async fn start(otherwise: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self { url, script: Script::new(otherwise) };
        let service = CertificateSourceServiceServer::new(fake.clone());
        let serving = Server::builder().add_service(service).serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(serving);
        fake
    }

    /// The source, given all the time a test may take.
    pub fn configured(&self, name: &str) -> CertificateSource {
        let mut source = CertificateSource::new(name, &self.url, "registrar");
        source.common.deadline_seconds = 300;
        source
    }
}

const CARELESS: &str = "样例米娜 11010519900307005X";

#[tonic::async_trait]
impl CertificateSourceService for FakeLookup {
    async fn check_certificate(
        &self,
        request: Request<told::CheckCertificateRequest>,
    ) -> Result<Response<told::CheckCertificateResponse>, Status> {
        use check_certificate_response::Answer;
        let told::CheckCertificateRequest { check_id, certificate, holder } = request.into_inner();
        let asked = Asked { check_id, ticket: String::new(), certificate, holder };
        let answer = match self.script.reply(asked, CARELESS).await? {
            Told::Outcome(outcome) => Some(Answer::Outcome(outcome)),
            Told::Ticket(ticket) => Some(Answer::Pending(CheckPending { ticket, retry_after: None })),
            Told::Nothing => None,
        };
        Ok(Response::new(told::CheckCertificateResponse { answer }))
    }

    async fn get_check(
        &self,
        request: Request<told::GetCheckRequest>,
    ) -> Result<Response<told::GetCheckResponse>, Status> {
        use get_check_response::Answer;
        let told::GetCheckRequest { check_id, ticket } = request.into_inner();
        let asked = Asked { check_id, ticket, certificate: None, holder: String::new() };
        let answer = match self.script.reply(asked, CARELESS).await? {
            Told::Outcome(outcome) => Some(Answer::Outcome(outcome)),
            Told::Ticket(ticket) => Some(Answer::Pending(CheckPending { ticket, retry_after: None })),
            Told::Nothing => None,
        };
        Ok(Response::new(told::GetCheckResponse { answer }))
    }
}

/// A service that knows the source as `lookup`, with so many certificates from a roll of `north`.
pub async fn with_lookup(fake: &FakeLookup, certificates: usize) -> (World, Vec<wire::Certificate>) {
    let world = World::with(|config| config.certificate_sources.push(fake.configured("lookup"))).await;
    let certificates = filled(&world, certificates).await;
    (world, certificates)
}

/// Imports so many certificates.
pub async fn filled(world: &World, certificates: usize) -> Vec<wire::Certificate> {
    world.accredit("north").await;
    let import = world.plan("north", roll(certificates).as_bytes(), "").await.unwrap();
    world.apply("north", &import).await.unwrap();
    world.all_certificates("north").await
}

pub async fn begin(
    world: &World,
    certificate: &wire::Certificate,
    source: &str,
) -> Result<wire::VerificationJob, Status> {
    let request = wire::StartVerificationRequest {
        certificate: certificate.name.clone(),
        source: source.to_owned(),
        ..Default::default()
    };
    let mut regulator = world.verifications("regulator", Role::Regulator);
    Ok(regulator.start_verification(request).await?.into_inner().verification_job.unwrap())
}

pub async fn job(world: &World, name: &str) -> Result<wire::VerificationJob, Status> {
    let request = wire::GetVerificationJobRequest { name: name.to_owned() };
    let mut regulator = world.verifications("regulator", Role::Regulator);
    Ok(regulator.get_verification_job(request).await?.into_inner().verification_job.unwrap())
}

pub async fn job_in(world: &World, name: &str, state: VerificationJobState) -> wire::VerificationJob {
    eventually("the job came so far", async || {
        Some(job(world, name).await.unwrap()).filter(|job| job.state() == state)
    })
    .await
}

/// Begins a check and waits until it is concluded.
pub async fn concluded(world: &World, certificate: &wire::Certificate) -> wire::VerificationJob {
    let begun = begin(world, certificate, "lookup").await.unwrap();
    job_in(world, &begun.name, VerificationJobState::Concluded).await
}

pub async fn certificate(world: &World, name: &str) -> wire::Certificate {
    let request = wire::GetCertificateRequest { name: name.to_owned(), as_of: None };
    let mut regulator = world.certificates("regulator", Role::Regulator);
    regulator.get_certificate(request).await.unwrap().into_inner().certificate.unwrap()
}

/// What stands under review.
pub async fn for_review(world: &World, organization: &str, role: Role) -> Vec<String> {
    let request = wire::ListCertificatesForReviewRequest::default();
    let page = world.verifications(organization, role).list_certificates_for_review(request).await;
    page.unwrap().into_inner().certificates.into_iter().map(|certificate| certificate.name).collect()
}

/// Source, result, authentication and differences of every check by a source on record, in their order.
pub async fn evidence(world: &World) -> Vec<String> {
    let statement = "SELECT source_name, result, authentication, differences FROM evidence \
                     WHERE source_name <> '' ORDER BY id";
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

/// Ends the service; its log and its tables tell the same.
pub async fn settle(world: World) {
    let (config, _folder) = world.stop().await;
    let report = greenroom_certification::verify(&config).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}
