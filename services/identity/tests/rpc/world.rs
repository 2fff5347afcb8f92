//! One running service, of one process or of several, and those who call it.

use greenroom_domain::kernel::Timestamp;
use greenroom_feed::verify::Report;
use greenroom_identity::{AUDIENCE, Config, start, verify};
use greenroom_proto::identity::v1::client_service_client::ClientServiceClient;
use greenroom_proto::identity::v1::create_client_request::Credential as NewCredential;
use greenroom_proto::identity::v1::identity_feed_service_client::IdentityFeedServiceClient;
use greenroom_proto::identity::v1::organization_service_client::OrganizationServiceClient;
use greenroom_proto::identity::v1::person_service_client::PersonServiceClient;
use greenroom_proto::identity::v1::register_person_request::Identity;
use greenroom_proto::identity::v1::token_service_client::TokenServiceClient;
use greenroom_proto::identity::v1::{
    Client, CreateClientRequest, CreateOrganizationRequest, DocumentType, GeneratedSecret, IdentityClaim,
    Organization, OrganizationRole, RegisterPersonRequest, UpdateOrganizationRequest,
};
use greenroom_rpc::client::{Authenticated, Credential, Tokens, connect_with};
use greenroom_rpc::credential;
use greenroom_rpc::fault::reason_of;
use greenroom_rpc::tls::ClientTls;
use greenroom_testkit::{ManualClock, Pair, database, eventually};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic::{Code, Status};
use zeroize::Zeroizing;

pub const ISSUER: &str = "http://127.0.0.1:7101";

/// A made-up adult; the number's check digit is right.
pub const MINA: (&str, &str) = ("样例米娜", "11010519900307005X");

/// What a world stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// One process on a SQLite file.
    Sqlite,
    /// So many replicas on one PostgreSQL database. Every new connection goes to the next of them.
    Postgres(usize),
}

impl Engine {
    fn replicas(self) -> usize {
        match self {
            Self::Sqlite => 1,
            Self::Postgres(replicas) => replicas,
        }
    }
}

/// One process of the service.
struct Replica {
    address: SocketAddr,
    shutdown: CancellationToken,
    join: tokio::task::JoinHandle<Result<(), tonic::transport::Error>>,
}

/// A service as it was left: its folder, its configuration, its time.
pub type Left = (TempDir, Config, ManualClock);

pub struct World {
    pub clock: ManualClock,
    pub config: Config,
    folder: TempDir,
    replicas: Vec<Replica>,
    next: AtomicUsize,
}

impl World {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(configure: impl FnOnce(&mut Config)) -> Self {
        Self::on(crate::ENGINE, configure).await
    }

    /// A world whose database is a file the test looks into.
    pub async fn on_sqlite() -> Self {
        Self::on(Engine::Sqlite, |_| {}).await
    }

    /// A world on another engine than that of the suite.
    pub async fn on(engine: Engine, configure: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::in_folder(folder.path());
        config.listen.set_port(0);
        // Clocks jump by months here, which no replica could follow with its keys; who tests keys says how they change.
        config.signing_key_days = 0;
        if let Engine::Postgres(_) = engine {
            // The database goes with its server.
            config.database_url = database::postgres().await.url;
        }
        configure(&mut config);
        Self::run((folder, config, ManualClock::monday_noon()), engine.replicas()).await
    }

    async fn run((folder, config, clock): Left, count: usize) -> Self {
        let mut replicas = Vec::with_capacity(count);
        for _ in 0..count {
            let shutdown = CancellationToken::new();
            let running = start(config.clone(), clock.shared(), shutdown.clone()).await.unwrap();
            replicas.push(Replica { address: running.address, shutdown, join: running.join });
        }
        Self { clock, config, folder, replicas, next: AtomicUsize::new(0) }
    }

    /// Ends the service and starts it again on the same folder.
    pub async fn restart(self) -> Self {
        let count = self.replicas.len();
        Self::run(self.stop().await, count).await
    }

    /// Starts a service on what another left behind.
    pub async fn in_folder_of(left: Left) -> Self {
        Self::run(left, crate::ENGINE.replicas()).await
    }

    /// Starts another replica on the same database, with the same keys and credentials.
    pub async fn replica(&self) -> Self {
        Self::run((tempfile::tempdir().unwrap(), self.config.clone(), self.clock.clone()), 1).await
    }

    /// The same, with a keys file of its own: a copy, as on another machine.
    pub async fn replica_with_keys_of_its_own(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys_file = folder.path().join("keys.json");
        std::fs::copy(&self.config.keys_file, &keys_file).unwrap();
        let config = Config { keys_file, ..self.config.clone() };
        Self::run((folder, config, self.clock.clone()), 1).await
    }

    /// The same, with a clock of its own.
    pub async fn replica_at(&self, now: Timestamp) -> Self {
        Self::run((tempfile::tempdir().unwrap(), self.config.clone(), ManualClock::at(now)), 1).await
    }

    /// Ends the service; its folder stays.
    pub async fn stop(self) -> Left {
        for replica in self.replicas {
            replica.shutdown.cancel();
            replica.join.await.unwrap().unwrap();
        }
        (self.folder, self.config, self.clock)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the next connection goes.
    pub fn address(&self) -> SocketAddr {
        self.address_at(self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn address_at(&self, turn: usize) -> SocketAddr {
        self.replicas[turn % self.replicas.len()].address
    }

    pub fn channel(&self) -> Channel {
        self.to(self.address())
    }

    /// A connection that shows `pair`, or nothing. Only where the listener has a certificate.
    pub fn showing(&self, pair: Option<&Pair>) -> Channel {
        let files = pair.map(|pair| pair.write(self.folder(), &request_id())).unzip();
        let tls = ClientTls { certificate: files.0, private_key: files.1, ..self.trust().unwrap() };
        connect_with(&format!("https://{}", self.address()), Some(&tls)).unwrap()
    }

    /// Whom clients trust: who vouches for them vouches for the listener.
    fn trust(&self) -> Option<ClientTls> {
        let tls = self.config.tls.as_ref()?;
        let ca = Some(tls.certificate.with_file_name("authority.pem"));
        Some(ClientTls { ca, ..ClientTls::default() })
    }

    fn to(&self, address: SocketAddr) -> Channel {
        let tls = self.trust();
        let scheme = if tls.is_some() { "https" } else { "http" };
        connect_with(&format!("{scheme}://{address}"), tls.as_ref()).unwrap()
    }

    pub fn token_service(&self) -> TokenServiceClient<Channel> {
        TokenServiceClient::new(self.channel())
    }

    /// One of the suite's own clients.
    pub fn suite(&self, client: &str) -> Caller {
        let path = self.config.credentials_dir.join(format!("{client}.json"));
        self.caller(credential::read(&path).unwrap())
    }

    pub fn operator(&self) -> Caller {
        self.suite("suite-operator")
    }

    pub fn caller(&self, credential: Credential) -> Caller {
        // A token of one replica is good for the next.
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let (issuer, service) = (self.to(self.address_at(turn)), self.to(self.address_at(turn + 1)));
        let tokens = Tokens::new(issuer, Arc::new(credential), AUDIENCE, self.clock.shared());
        Caller { channel: Authenticated::new(service, tokens) }
    }

    pub fn with_secret(&self, client: &str, secret: &str) -> Caller {
        self.caller(Credential::Secret {
            client: client.parse_id(),
            secret: Zeroizing::new(secret.to_owned()),
        })
    }

    /// A new organization with one role and one client of the same id, which holds the scopes.
    pub async fn member(&self, id: &str, role: OrganizationRole, scopes: &[&str]) -> Caller {
        self.organization(id, role).await;
        let secret = self.client(id, id, scopes).await;
        self.with_secret(id, &secret)
    }

    /// An organization that has one role left of two, and a client that was given the scopes before.
    pub async fn demoted(
        &self,
        id: &str,
        left: OrganizationRole,
        lost: OrganizationRole,
        scopes: &[&str],
    ) -> Caller {
        let roles = [left, lost];
        let mut organizations = self.operator().organizations();
        let created = organizations.create_organization(new_organization(id, &roles)).await.unwrap();
        let secret = self.client(id, id, scopes).await;
        let organization = created.into_inner().organization.unwrap();
        let fewer = Organization { roles: vec![left.into()], ..organization };
        let update_mask = Some(prost_types::FieldMask { paths: vec!["roles".to_owned()] });
        let request =
            UpdateOrganizationRequest { organization: Some(fewer), update_mask, ..Default::default() };
        organizations.update_organization(request).await.unwrap();
        // Tokens say their second only: one issued in that of the change would be refused with those before.
        self.clock.advance(Duration::from_secs(1));
        self.with_secret(id, &secret)
    }

    /// A platform that operated the suite, too, when its client was given the scopes.
    pub async fn former_operator(&self, id: &str, scopes: &[&str]) -> Caller {
        self.demoted(id, OrganizationRole::Platform, OrganizationRole::SuiteOperator, scopes).await
    }

    pub async fn platform(&self, id: &str) -> Caller {
        let scopes = ["clients.read", "organizations.read", "persons.proof", "persons.read", "persons.write"];
        self.member(id, OrganizationRole::Platform, &scopes).await
    }

    pub async fn organization(&self, id: &str, role: OrganizationRole) {
        let request = new_organization(id, &[role]);
        self.operator().organizations().create_organization(request).await.unwrap();
    }

    /// Creates a client and returns its secret.
    pub async fn client(&self, id: &str, organization: &str, scopes: &[&str]) -> String {
        let answer =
            self.operator().clients().create_client(new_client(id, organization, scopes)).await.unwrap();
        answer.into_inner().client_secret
    }

    /// Waits until the tables fit the log: what is committed during the walk counts as differing.
    pub async fn settle(&self) {
        eventually("the tables fit the log", async || self.verify().await.is_clean().then_some(())).await;
    }

    pub async fn verify(&self) -> Report {
        verify(&self.config).await.unwrap()
    }
}

/// Somebody with a token.
#[derive(Clone)]
pub struct Caller {
    channel: Authenticated,
}

impl Caller {
    pub fn organizations(&self) -> OrganizationServiceClient<Authenticated> {
        OrganizationServiceClient::new(self.channel.clone())
    }

    pub fn clients(&self) -> ClientServiceClient<Authenticated> {
        ClientServiceClient::new(self.channel.clone())
    }

    pub fn persons(&self) -> PersonServiceClient<Authenticated> {
        PersonServiceClient::new(self.channel.clone())
    }

    pub fn tokens(&self) -> TokenServiceClient<Authenticated> {
        TokenServiceClient::new(self.channel.clone())
    }

    pub fn feed(&self) -> IdentityFeedServiceClient<Authenticated> {
        IdentityFeedServiceClient::new(self.channel.clone())
    }

    /// Registers somebody and returns the caller's name for the person.
    pub async fn register(&self, (name, number): (&str, &str)) -> String {
        let request =
            RegisterPersonRequest { identity: Some(named(claim(name, number))), ..Default::default() };
        self.persons().register_person(request).await.unwrap().into_inner().person.unwrap().name
    }
}

trait ParseId {
    fn parse_id(&self) -> greenroom_domain::kernel::ClientId;
}

impl ParseId for str {
    fn parse_id(&self) -> greenroom_domain::kernel::ClientId {
        greenroom_domain::kernel::ClientId::try_new(self).unwrap()
    }
}

pub fn new_organization(id: &str, roles: &[OrganizationRole]) -> CreateOrganizationRequest {
    CreateOrganizationRequest {
        organization_id: id.to_owned(),
        organization: Some(Organization {
            display_name: format!("Sample {id}"),
            roles: roles.iter().map(|role| i32::from(*role)).collect(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

pub fn new_client(id: &str, organization: &str, scopes: &[&str]) -> CreateClientRequest {
    CreateClientRequest {
        client_id: id.to_owned(),
        client: Some(Client {
            organization: format!("organizations/{organization}"),
            display_name: format!("Client {id}"),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            ..Default::default()
        }),
        credential: Some(NewCredential::GeneratedSecret(GeneratedSecret {})),
        request_id: request_id(),
        ..Default::default()
    }
}

/// A claim as that by which somebody is registered.
pub fn named(claim: IdentityClaim) -> Identity {
    Identity::Claim(claim)
}

pub fn claim(name: &str, number: &str) -> IdentityClaim {
    IdentityClaim {
        real_name: name.to_owned(),
        document_type: DocumentType::ResidentIdentityCard.into(),
        document_number: number.to_owned(),
    }
}

/// A well-formed card number: area, birth date, and a sequence number that makes it one of many.
pub fn card(birth: &str, sequence: usize) -> String {
    let digits = format!("110105{birth}{sequence:03}");
    let sum = digits.bytes().fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    let check = (12 - sum) % 11;
    let check = if check == 10 { "X".to_owned() } else { check.to_string() };
    format!("{digits}{check}")
}

pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[track_caller]
pub fn assert_refused<T: std::fmt::Debug>(outcome: Result<T, Status>, code: Code, reason: &str) -> Status {
    let status = outcome.unwrap_err();
    assert_eq!((status.code(), reason_of(&status).as_deref()), (code, Some(reason)), "{status:?}");
    status
}

/// The refusal of somebody whose access has been taken: one process refuses at once, several as soon as they have heard
/// of it.
pub async fn refused_since<T>(ask: impl AsyncFn() -> Result<T, Status>) -> Result<T, Status> {
    match crate::ENGINE {
        Engine::Sqlite => ask().await,
        Engine::Postgres(_) => Err(eventually("a replica heard of it", async || ask().await.err()).await),
    }
}

/// The field paths of a refusal.
pub fn fields(status: &Status) -> Vec<String> {
    use tonic_types::StatusExt as _;
    let violations =
        status.get_details_bad_request().map(|details| details.field_violations).unwrap_or_default();
    violations.into_iter().map(|violation| violation.field).collect()
}
