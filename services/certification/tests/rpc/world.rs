//! The service over a real socket, beside a fake identity service.

use crate::fake::{self, State};
use greenroom_auth::{AccessClaims, OrganizationRole as Role};
use greenroom_certification::{AUDIENCE, Config, start};
use greenroom_domain::kernel::{ClientId, PersonId};
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::application_service_client::ApplicationServiceClient;
use greenroom_proto::certification::v1::certificate_service_client::CertificateServiceClient;
use greenroom_proto::certification::v1::certification_feed_service_client::CertificationFeedServiceClient;
use greenroom_proto::certification::v1::issuer_service_client::IssuerServiceClient;
use greenroom_proto::certification::v1::plan_roll_import_request::Part;
use greenroom_proto::certification::v1::qualification_service_client::QualificationServiceClient;
use greenroom_proto::certification::v1::roll_service_client::RollServiceClient;
use greenroom_proto::certification::v1::standard_service_client::StandardServiceClient;
use greenroom_proto::certification::v1::verification_service_client::VerificationServiceClient;
use greenroom_proto::identity::v1::identity_fact::Fact;
use greenroom_proto::identity::v1::{IdentityEvent, IdentityFact};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::credential::write_secret;
use greenroom_rpc::server::Running;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::{ManualClock, TestIssuer, database};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

/// Puts a token before every call.
#[derive(Clone)]
pub struct Bearer(pub String);

impl tonic::service::Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", format!("Bearer {}", self.0).parse().unwrap());
        Ok(request)
    }
}

/// A connection with a token.
pub type Connection = InterceptedService<Channel, Bearer>;

/// Everything a test talks to.
pub struct World {
    pub clock: ManualClock,
    pub identity: Arc<State>,
    pub config: Config,
    pub shutdown: CancellationToken,
    replicas: Vec<(Running, Channel)>,
    next: AtomicUsize,
    pub issuer: Arc<TestIssuer>,
    folder: TempDir,
}

pub const STANDARD: &str = "standards/internet-marketer-2021";
pub const ALL_LEVELS: [wire::Level; 5] =
    [wire::Level::Level5, wire::Level::Level4, wire::Level::Level3, wire::Level::Level2, wire::Level::Level1];

impl World {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A service with these files of standards beside the one built in.
    pub async fn start_with(standards: &[&str]) -> Self {
        Self::start_as(standards, |_| {}).await
    }

    /// The same, configured otherwise.
    pub async fn start_as(standards: &[&str], otherwise: impl FnOnce(&mut Config)) -> Self {
        Self::with(|config| {
            let files = config.keys_file.with_file_name("standards");
            std::fs::create_dir(&files).unwrap();
            for (number, text) in standards.iter().enumerate() {
                std::fs::write(files.join(format!("{number}.toml")), text).unwrap();
            }
            config.standards_dir = Some(files);
            otherwise(config);
        })
        .await
    }

    /// A service with another configuration than the usual one.
    pub async fn with(configure: impl FnOnce(&mut Config)) -> Self {
        Self::of(crate::REPLICAS.unwrap_or(1), configure).await
    }

    /// One process, on either engine: for what each process knows for itself.
    pub async fn alone(configure: impl FnOnce(&mut Config)) -> Self {
        Self::of(1, configure).await
    }

    async fn of(count: usize, configure: impl FnOnce(&mut Config)) -> Self {
        let issuer = Arc::new(TestIssuer::new("http://127.0.0.1:7101"));
        let (address, identity) = fake::start(issuer.jwks()).await;
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("credentials")).unwrap();
        let mut config = Config::in_folder(folder.path());
        config.listen = "127.0.0.1:0".parse().unwrap();
        config.identity_url = format!("http://{address}");
        let client = ClientId::try_new("certification").unwrap();
        write_secret(&config.credential_file, &client, &config.issuer, "secret").unwrap();
        if crate::REPLICAS.is_some() {
            // The database goes with its server.
            config.database_url = database::postgres().await.url;
        }
        configure(&mut config);
        let clock = ManualClock::monday_noon();
        Self::run(config, clock, identity, issuer, folder, count).await
    }

    async fn run(
        config: Config,
        clock: ManualClock,
        identity: Arc<State>,
        issuer: Arc<TestIssuer>,
        folder: TempDir,
        count: usize,
    ) -> Self {
        let shutdown = CancellationToken::new();
        let mut replicas = Vec::with_capacity(count);
        for _ in 0..count {
            let running = start(config.clone(), clock.shared(), shutdown.clone()).await.unwrap();
            let channel = greenroom_rpc::client::connect(&format!("http://{}", running.address)).unwrap();
            replicas.push((running, channel));
        }
        Self { clock, identity, config, shutdown, replicas, next: AtomicUsize::new(0), issuer, folder }
    }

    /// Another process of the same service, on the same database.
    pub async fn replica(&self) -> Self {
        let (identity, issuer) = (Arc::clone(&self.identity), Arc::clone(&self.issuer));
        let folder = TempDir::new().unwrap();
        Self::run(self.config.clone(), self.clock.clone(), identity, issuer, folder, 1).await
    }

    /// Ends the service and starts it again, with what `configure` changes.
    pub async fn restart(self, configure: impl FnOnce(&mut Config)) -> Self {
        let (clock, identity) = (self.clock.clone(), Arc::clone(&self.identity));
        let (issuer, count) = (Arc::clone(&self.issuer), self.replicas.len());
        let (mut config, folder) = self.stop().await;
        configure(&mut config);
        Self::run(config, clock, identity, issuer, folder, count).await
    }

    pub fn verifications(&self, organization: &str, role: Role) -> VerificationServiceClient<Connection> {
        let scopes = "certificates.read certificates.evidence";
        let bearer = self.bearer(&format!("{organization}-client"), organization, role, scopes);
        VerificationServiceClient::with_interceptor(self.channel(), bearer)
    }

    /// Stops the service and waits for its end.
    pub async fn stop(self) -> (Config, TempDir) {
        self.shutdown.cancel();
        for (running, channel) in self.replicas {
            drop(channel);
            running.join.await.unwrap().unwrap();
        }
        (self.config, self.folder)
    }

    /// Stops the service, lets something happen meanwhile, and starts it again.
    pub async fn restart_after(self, meanwhile: impl FnOnce()) -> Self {
        self.restart(|_| meanwhile()).await
    }

    /// A connection to the next replica.
    pub fn channel(&self) -> Channel {
        let turn = self.next.fetch_add(1, Ordering::SeqCst) % self.replicas.len();
        self.replicas[turn].1.clone()
    }

    /// What the database and its event log say of each other.
    pub async fn verified(&self) -> greenroom_feed::verify::Report {
        greenroom_certification::verify(&self.config).await.unwrap()
    }

    /// Another replica on the same database.
    pub async fn another(&self) -> Running {
        start(self.config.clone(), self.clock.shared(), self.shutdown.clone()).await.unwrap()
    }

    fn bearer(&self, client: &str, organization: &str, role: Role, scopes: &str) -> Bearer {
        Bearer(self.issuer.token(AUDIENCE, client, organization, &[role], scopes, self.clock.now()))
    }

    fn acting(&self, client: &str, owner: &str, role: Role, person: Option<&str>, scopes: &str) -> Bearer {
        let person = person.map(|person| PersonId::try_new(person).unwrap());
        let claims = self.issuer.claims(AUDIENCE, client, owner, &[role], scopes, self.clock.now());
        self.token(&AccessClaims { person, ..claims })
    }

    /// What a token says that may read the feed and accredit issuers.
    pub fn claims(&self, client: &str, organization: &str) -> AccessClaims {
        let roles = [Role::SuiteOperator, Role::Regulator];
        let scopes = "feed.read issuers.write";
        self.issuer.claims(AUDIENCE, client, organization, &roles, scopes, self.clock.now())
    }

    /// Such a token.
    pub fn token(&self, claims: &AccessClaims) -> Bearer {
        Bearer(self.issuer.sign(claims))
    }

    pub fn feed_with(&self, token: &Bearer) -> CertificationFeedServiceClient<Connection> {
        CertificationFeedServiceClient::with_interceptor(self.channel(), token.clone())
    }

    pub fn issuers_with(&self, token: &Bearer) -> IssuerServiceClient<Connection> {
        IssuerServiceClient::with_interceptor(self.channel(), token.clone())
    }

    /// Lets the identity service say something.
    pub fn tell(&self, fact: Fact) {
        let mut feed = self.identity.feed.lock().unwrap();
        let sequence = i64::try_from(feed.len()).unwrap() + 1;
        feed.push(IdentityEvent {
            sequence,
            commit_time: Some(timestamp(self.clock.now())),
            fact: Some(IdentityFact { fact: Some(fact) }),
            ..IdentityEvent::default()
        });
    }

    /// A client of some platform without any scope.
    pub fn any_client(&self) -> Bearer {
        self.bearer("some-client", "some-platform", Role::Platform, "permissions.check")
    }

    pub fn certificates(&self, organization: &str, role: Role) -> CertificateServiceClient<Connection> {
        self.certificates_through(&self.channel(), organization, role)
    }

    /// The same for a client that acts for a person of the organization.
    pub fn certificates_by(
        &self,
        organization: &str,
        role: Role,
        person: &str,
    ) -> CertificateServiceClient<Connection> {
        let scopes = "certificates.read certificates.evidence certificates.suspend";
        let bearer = self.acting(&format!("{organization}-desk"), organization, role, Some(person), scopes);
        CertificateServiceClient::with_interceptor(self.channel(), bearer)
    }

    /// The same at another replica.
    pub fn certificates_through(
        &self,
        channel: &Channel,
        organization: &str,
        role: Role,
    ) -> CertificateServiceClient<Connection> {
        let scopes = "certificates.read certificates.verify certificates.evidence certificates.revoke \
                      certificates.claim certificates.issue certificates.suspend";
        let bearer = self.bearer(&format!("{organization}-client"), organization, role, scopes);
        CertificateServiceClient::with_interceptor(channel.clone(), bearer)
    }

    /// Files and reviews professional qualifications, for a person where there is one.
    pub fn qualifications(
        &self,
        organization: &str,
        role: Role,
        person: Option<&str>,
    ) -> QualificationServiceClient<Connection> {
        let scopes = "qualifications.read qualifications.write qualifications.review";
        let bearer = self.acting(&format!("{organization}-client"), organization, role, person, scopes);
        QualificationServiceClient::with_interceptor(self.channel(), bearer)
    }

    /// Everything the feed has told so far.
    pub async fn facts(&self) -> Vec<wire::certification_fact::Fact> {
        let request = wire::WatchCertificationEventsRequest::default();
        let mut stream = self.feed().watch_certification_events(request).await.unwrap().into_inner();
        let events = stream.message().await.unwrap().unwrap().events;
        events.into_iter().filter_map(|event| event.fact?.fact).collect()
    }

    /// Stops the service and holds its tables against its events.
    pub async fn end_clean(self) {
        let (config, _folder) = self.stop().await;
        let report = greenroom_certification::verify(&config).await.unwrap();
        assert!(report.is_clean(), "{report:?}");
    }

    pub fn applications(&self, organization: &str, role: Role) -> ApplicationServiceClient<Connection> {
        self.applications_at(self.channel(), organization, role)
    }

    /// The same over a connection to another replica.
    pub fn applications_at(
        &self,
        channel: Channel,
        organization: &str,
        role: Role,
    ) -> ApplicationServiceClient<Connection> {
        let scopes = "applications.read applications.write applications.assess";
        let bearer = self.bearer(&format!("{organization}-client"), organization, role, scopes);
        ApplicationServiceClient::with_interceptor(channel, bearer)
    }

    /// A client of an issuer that acts for a person, by the issuer's name for them.
    pub fn applications_for(&self, organization: &str, person: &str) -> ApplicationServiceClient<Connection> {
        let scopes = "applications.read applications.write applications.assess";
        let (client, now) = (format!("{organization}-desk"), self.clock.now());
        let mut claims = self.issuer.claims(AUDIENCE, &client, organization, &[Role::Issuer], scopes, now);
        claims.person = Some(PersonId::try_new(person).unwrap());
        ApplicationServiceClient::with_interceptor(self.channel(), Bearer(self.issuer.sign(&claims)))
    }

    pub fn feed(&self) -> CertificationFeedServiceClient<Connection> {
        let bearer = self.bearer("registry", "suite", Role::SuiteOperator, "feed.read");
        CertificationFeedServiceClient::with_interceptor(self.channel(), bearer)
    }

    pub fn issuers(&self) -> IssuerServiceClient<Connection> {
        let bearer = self.bearer("regulator-client", "regulator", Role::Regulator, "issuers.write");
        IssuerServiceClient::with_interceptor(self.channel(), bearer)
    }

    pub fn rolls(&self, organization: &str, role: Role) -> RollServiceClient<Connection> {
        let client = format!("{organization}-client");
        let bearer = self.bearer(&client, organization, role, "rolls.read rolls.write");
        RollServiceClient::with_interceptor(self.channel(), bearer)
    }

    /// Accredits `issuers/north` of the organization `north` for everything.
    pub async fn accredit(&self, id: &str) {
        let request = accreditation_of(id);
        self.issuers().accredit_issuer(request).await.unwrap();
    }

    /// A client of an issuer that acts for a person.
    pub fn rolls_of(&self, organization: &str, client: &str, person: &str) -> RollServiceClient<Connection> {
        let scopes = "rolls.read rolls.write rolls.approve";
        let claims =
            self.issuer.claims(AUDIENCE, client, organization, &[Role::Issuer], scopes, self.clock.now());
        let person = (!person.is_empty()).then(|| PersonId::try_new(person).unwrap());
        let bearer = self.token(&AccessClaims { person, ..claims });
        RollServiceClient::with_interceptor(self.channel(), bearer)
    }

    pub fn standards(&self) -> StandardServiceClient<Connection> {
        StandardServiceClient::with_interceptor(self.channel(), self.any_client())
    }

    /// Plans a roll of `issuers/{id}`, in small chunks.
    pub async fn plan(&self, id: &str, file: &[u8], request_id: &str) -> Result<wire::RollImport, Status> {
        self.plan_under(STANDARD, id, file, request_id).await
    }

    /// Plans a roll of certificates under any standard.
    pub async fn plan_under(
        &self,
        standard: &str,
        id: &str,
        file: &[u8],
        request_id: &str,
    ) -> Result<wire::RollImport, Status> {
        let (standard, request_id) = (standard.to_owned(), request_id.to_owned());
        let header = wire::RollHeader { standard, request_id, ..header_of(id) };
        self.plan_as(self.rolls(id, Role::Issuer), header, file).await
    }

    /// Plans a roll that holds every certificate of its issuer.
    pub async fn plan_complete(&self, id: &str, file: &[u8]) -> Result<wire::RollImport, Status> {
        let header = wire::RollHeader { coverage: wire::RollCoverage::Complete.into(), ..header_of(id) };
        self.plan_as(self.rolls(id, Role::Issuer), header, file).await
    }

    pub async fn plan_as(
        &self,
        mut rolls: RollServiceClient<Connection>,
        header: wire::RollHeader,
        file: &[u8],
    ) -> Result<wire::RollImport, Status> {
        let answer = rolls.plan_roll_import(tokio_stream::iter(parts_of(header, file))).await?;
        Ok(answer.into_inner().roll_import.unwrap())
    }

    pub async fn get(&self, id: &str, name: &str) -> wire::RollImport {
        let request = wire::GetRollImportRequest { name: name.to_owned() };
        let answer = self.rolls(id, Role::Issuer).get_roll_import(request).await.unwrap();
        answer.into_inner().roll_import.unwrap()
    }

    pub async fn roll_back(&self, id: &str, import: &wire::RollImport) -> Result<wire::RollImport, Status> {
        let request = wire::RollBackRollImportRequest { name: import.name.clone(), ..Default::default() };
        let answer = self.rolls(id, Role::Issuer).roll_back_roll_import(request).await?;
        Ok(answer.into_inner().roll_import.unwrap())
    }

    pub async fn apply(
        &self,
        id: &str,
        import: &wire::RollImport,
    ) -> Result<wire::ApplyRollImportResponse, Status> {
        let request = wire::ApplyRollImportRequest {
            name: import.name.clone(),
            digest: import.digest.clone(),
            ..wire::ApplyRollImportRequest::default()
        };
        Ok(self.rolls(id, Role::Issuer).apply_roll_import(request).await?.into_inner())
    }

    /// All rows of an import.
    pub async fn rows(&self, id: &str, import: &wire::RollImport) -> Vec<wire::RollImportRow> {
        let mut rows = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = wire::ListRollImportRowsRequest {
                roll_import: import.name.clone(),
                page_size: 1000,
                page_token,
                ..wire::ListRollImportRowsRequest::default()
            };
            let page =
                self.rolls(id, Role::Issuer).list_roll_import_rows(request).await.unwrap().into_inner();
            rows.extend(page.rows);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return rows;
            }
        }
    }

    /// All certificates an issuer sees.
    pub async fn all_certificates(&self, id: &str) -> Vec<wire::Certificate> {
        let mut certificates = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = wire::ListCertificatesRequest {
                page_size: 1000,
                page_token,
                ..wire::ListCertificatesRequest::default()
            };
            let page =
                self.certificates(id, Role::Issuer).list_certificates(request).await.unwrap().into_inner();
            certificates.extend(page.certificates);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return certificates;
            }
        }
    }
}

/// What a roll of `issuers/{id}` is announced with.
pub fn header_of(id: &str) -> wire::RollHeader {
    wire::RollHeader {
        issuer: format!("issuers/{id}"),
        standard: STANDARD.to_owned(),
        file_name: "roll.csv".to_owned(),
        ..wire::RollHeader::default()
    }
}

pub fn parts_of(header: wire::RollHeader, file: &[u8]) -> Vec<wire::PlanRollImportRequest> {
    let chunks = file.chunks(50_000).map(|chunk| Part::Chunk(chunk.to_vec()));
    let parts = std::iter::once(Part::Header(header)).chain(chunks);
    parts.map(|part| wire::PlanRollImportRequest { part: Some(part) }).collect()
}

/// An issuer accredited for every cell, of the class, code and province that the numbers below have.
pub fn accreditation_of(id: &str) -> wire::AccreditIssuerRequest {
    let accreditation = |job_type: &str, levels: &[wire::Level]| wire::Accreditation {
        standard: STANDARD.to_owned(),
        job_type: job_type.to_owned(),
        levels: levels.iter().map(|level| i32::from(*level)).collect(),
        from_date: "2022-01-01".to_owned(),
        to_date: String::new(),
    };
    let issuer = wire::Issuer {
        organization: format!("organizations/{id}"),
        display_name: "North College".to_owned(),
        issuer_class: wire::IssuerClass::SocialOrganization.into(),
        code: "0000".to_owned(),
        province: "33".to_owned(),
        accreditations: vec![
            accreditation("product-selector", &ALL_LEVELS),
            accreditation("live-salesperson", &ALL_LEVELS),
            accreditation("video-creator", &ALL_LEVELS),
            accreditation("platform-administrator", &ALL_LEVELS[..3]),
        ],
        ..wire::Issuer::default()
    };
    let issuer_id = id.to_owned();
    wire::AccreditIssuerRequest { issuer_id, issuer: Some(issuer), ..wire::AccreditIssuerRequest::default() }
}

/// The reason a status carries.
pub fn reason(status: &Status) -> String {
    greenroom_rpc::fault::reason_of(status).unwrap_or_default()
}
