//! The three services, started and stopped like processes, over one data folder.

use crate::hearing::{self, Errors, Heard};
use crate::hunt::{Find, Hunt};
use crate::tables;
use greenroom_rpc::client::{Authenticated, Credential, Tokens, connect_with};
use greenroom_rpc::credential;
use greenroom_rpc::tls::ClientTls;
use greenroom_testkit::ports::Ports;
use greenroom_testkit::{Authority, ManualClock};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::citizens::Operator;

/// The issuer's name in tokens. A name, not an address: it stays while ports change.
const ISSUER: &str = "http://identity.test";

/// Where a town keeps its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Files in the town's folder.
    Sqlite,
    /// Databases on the server that `GREENROOM_TEST_POSTGRES_URL` names.
    Postgres,
}

/// A client's connection, whose errors the town hears.
pub type Connection = Heard<Authenticated>;

/// One of the three services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Identity.
    Identity,
    /// Certification.
    Certification,
    /// Registry.
    Registry,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Certification, Self::Registry];

    /// What its tokens are for.
    pub const fn audience(self) -> &'static str {
        match self {
            Self::Identity => greenroom_identity::AUDIENCE,
            Self::Certification => greenroom_certification::AUDIENCE,
            Self::Registry => greenroom_registry::AUDIENCE,
        }
    }
}

struct House {
    address: SocketAddr,
    shutdown: CancellationToken,
    join: JoinHandle<()>,
}

/// Three services with their databases, and the clock they share.
///
/// Every story ends with [`Town::end`], which looks for the names and document numbers that the story used.
pub struct Town {
    /// The time in town.
    pub clock: ManualClock,
    folder: TempDir,
    databases: [String; 3],
    houses: [Option<House>; 3],
    /// Which services ever ran.
    opened: [bool; 3],
    ports: Ports,
    streets: Streets,
    /// What identity's configuration says of sources.
    sources: String,
    /// What certification's says of standards and of sources.
    standards: String,
    certificate_sources: String,
    /// Names and document numbers, which must be found nowhere.
    hidden: Mutex<BTreeSet<String>>,
    errors: Errors,
    /// How much others had logged before.
    logged_before: usize,
    ended: bool,
}

/// How people in town talk to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Streets {
    /// In plaintext.
    Plain,
    /// Over TLS, and both sides show a certificate of the town's authority.
    Mutual,
}

impl Town {
    /// All three services on SQLite, ready.
    pub async fn start() -> Self {
        Self::start_on(Engine::Sqlite).await
    }

    /// All three services, ready.
    pub async fn start_on(engine: Engine) -> Self {
        Self::empty(engine).await.opened().await
    }

    /// All three services, ready, in a town where nobody listens to the log: for measuring. It ends with [`Town::leave`].
    pub async fn start_unheard(engine: Engine) -> Self {
        Self::built(engine, 0).await.opened().await
    }

    /// All three services on SQLite, ready. Everybody shows a certificate to everybody.
    pub async fn start_over_tls() -> Self {
        let mut town = Self::empty(Engine::Sqlite).await;
        town.streets = Streets::Mutual;
        let authority = Authority::new("town");
        authority.write(town.folder(), "authority");
        for (service, name) in [("identity", "i"), ("certification", "c"), ("registry", "r")] {
            authority.server().write(town.folder(), &format!("{name}-listener"));
            authority.client(service).write(town.folder(), &format!("{name}-client"));
        }
        authority.client("citizen").write(town.folder(), "citizen");
        town.opened().await
    }

    /// All three services on SQLite, ready. Identity knows a source at `url`.
    pub async fn start_with_source(name: &str, url: &str) -> Self {
        let mut town = Self::empty(Engine::Sqlite).await;
        town.sources = format!("[[proofing_sources]]\nname = \"{name}\"\nurl = \"{url}\"\n");
        town.opened().await
    }

    /// All three services on SQLite, ready. Certification has claimed certificates checked by a source at `url`, which an
    /// organization runs.
    pub async fn start_with_certificate_source(name: &str, url: &str, organization: &str) -> Self {
        let mut town = Self::empty(Engine::Sqlite).await;
        town.certificate_sources = format!(
            "automatic_sources = [\"{name}\"]\n\
             [[certificate_sources]]\nname = \"{name}\"\nurl = \"{url}\"\norganization = \"{organization}\"\n"
        );
        town.opened().await
    }

    /// All three services on SQLite, ready. Certification finds the file of one more standard.
    pub async fn start_with_standard(text: &str) -> Self {
        let mut town = Self::empty(Engine::Sqlite).await;
        let folder = town.folder().join("standards");
        std::fs::create_dir(&folder).expect("a folder of standards");
        std::fs::write(folder.join("one-more.toml"), text).expect("a file in it");
        town.standards = format!("standards_dir = \"{}\"\n", folder.display());
        town.opened().await
    }

    async fn opened(mut self) -> Self {
        for service in Service::ALL {
            self.open(service).await;
        }
        self.ready().await;
        self
    }

    /// A town in which no service runs yet.
    pub async fn empty(engine: Engine) -> Self {
        Self::built(engine, hearing::listen()).await
    }

    async fn built(engine: Engine, logged_before: usize) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let databases = match engine {
            Engine::Sqlite => ["identity", "certification", "registry"]
                .map(|name| format!("sqlite:{}", folder.path().join(name).with_extension("db").display())),
            Engine::Postgres => {
                let database = greenroom_testkit::database::postgres;
                [database().await.url, database().await.url, database().await.url]
            }
        };
        let ports = Ports::claim();
        Self {
            clock: ManualClock::monday_noon(),
            folder,
            databases,
            houses: [None, None, None],
            opened: [false; 3],
            ports,
            streets: Streets::Plain,
            sources: String::new(),
            standards: String::new(),
            certificate_sources: String::new(),
            hidden: Mutex::default(),
            errors: Errors::default(),
            logged_before,
            ended: false,
        }
    }

    /// Starts a service, or starts it again on the data it left.
    pub async fn open(&mut self, service: Service) {
        let shutdown = CancellationToken::new();
        let (config, clock, signal) = (self.config(service), self.clock.shared(), shutdown.clone());
        let (address, join) = match service {
            Service::Identity => {
                let config = toml::from_str(&config).expect("a configuration");
                let running =
                    greenroom_identity::start(config, clock, signal).await.expect("identity starts");
                (running.address, tokio::spawn(async move { drop(running.join.await) }))
            }
            Service::Certification => {
                let config = toml::from_str(&config).expect("a configuration");
                let started = greenroom_certification::start(config, clock, signal).await;
                let running = started.expect("certification starts");
                (running.address, tokio::spawn(async move { drop(running.join.await) }))
            }
            Service::Registry => {
                let config = toml::from_str(&config).expect("a configuration");
                let running =
                    greenroom_registry::start(config, clock, signal).await.expect("registry starts");
                (running.address, tokio::spawn(async move { drop(running.join.await) }))
            }
        };
        self.houses[service as usize] = Some(House { address, shutdown, join });
        self.opened[service as usize] = true;
    }

    /// Stops a service and waits until it is gone.
    pub async fn close(&mut self, service: Service) {
        if let Some(house) = self.houses[service as usize].take() {
            house.shutdown.cancel();
            drop(house.join.await);
        }
    }

    /// Where a service answers.
    pub fn url(&self, service: Service) -> String {
        let house = self.houses[service as usize].as_ref();
        let address = house.map_or_else(|| self.address(service), |house| house.address.to_string());
        format!("{}://{address}", self.scheme())
    }

    fn scheme(&self) -> &'static str {
        match self.streets {
            Streets::Plain => "http",
            Streets::Mutual => "https",
        }
    }

    fn address(&self, service: Service) -> String {
        format!("127.0.0.1:{}", self.port(service))
    }

    fn port(&self, service: Service) -> u16 {
        match service {
            Service::Identity => self.ports.base,
            Service::Certification => self.ports.base + 1,
            Service::Registry => self.ports.base + 2,
        }
    }

    /// The folder with databases, keys and credentials.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a service's database is, as its configuration spells it.
    pub fn database(&self, service: Service) -> &str {
        &self.databases[service as usize]
    }

    /// A service's configuration.
    pub fn config(&self, service: Service) -> String {
        let folder = self.folder.path().display();
        let common = format!(
            "listen = \"127.0.0.1:{}\"\ndatabase_url = \"{}\"\nissuer = \"{ISSUER}\"\n",
            self.port(service),
            self.databases[service as usize]
        );
        let url = |service| format!("{}://{}", self.scheme(), self.address(service));
        let identity = format!("identity_url = \"{}\"\n", url(Service::Identity));
        let certification = format!("certification_url = \"{}\"\n", url(Service::Certification));
        let own = match service {
            Service::Identity => format!(
                "{common}keys_file = \"{folder}/identity.keys\"\ncredentials_dir = \"{folder}/credentials\"\n{}",
                self.sources
            ),
            Service::Certification => {
                format!(
                    "{common}{identity}credential_file = \"{folder}/credentials/certification.json\"\n\
                 keys_file = \"{folder}/certification.keys\"\n{}{}",
                    self.standards, self.certificate_sources
                )
            }
            Service::Registry => format!(
                "{common}{identity}{certification}credential_file = \"{folder}/credentials/registry.json\"\n"
            ),
        };
        own + &self.tls_sections(service)
    }

    fn tls_sections(&self, service: Service) -> String {
        if self.streets == Streets::Plain {
            return String::new();
        }
        let folder = self.folder.path().display();
        let name = match service {
            Service::Identity => "i",
            Service::Certification => "c",
            Service::Registry => "r",
        };
        let listener = format!(
            "[tls]\ncertificate = \"{folder}/{name}-listener.pem\"\nprivate_key = \"{folder}/{name}-listener.key\"\n\
             client_ca = \"{folder}/authority.pem\"\nclient_certificates = \"required\"\n"
        );
        let client = format!(
            "[client_tls]\nca = \"{folder}/authority.pem\"\ncertificate = \"{folder}/{name}-client.pem\"\n\
             private_key = \"{folder}/{name}-client.key\"\n"
        );
        // Identity calls nobody.
        if service == Service::Identity { listener } else { listener + &client }
    }

    /// A connection to a service, with the certificate of a citizen where certificates are shown.
    pub fn channel(&self, service: Service) -> Channel {
        let file = |name: &str| Some(self.folder.path().join(name));
        let (ca, certificate, private_key) =
            (file("authority.pem"), file("citizen.pem"), file("citizen.key"));
        let tls = ClientTls { ca, certificate, private_key };
        connect_with(&self.url(service), Some(&tls)).expect("an address and certificates")
    }

    /// The operator of the suite.
    pub fn operator(&self) -> Operator<'_> {
        let path = self.folder.path().join("credentials/suite-operator.json");
        let credential = credential::read(&path).expect("the operator's credential");
        Operator { town: self, credential: Arc::new(credential) }
    }

    /// A connection to a service for a client.
    pub fn connection(&self, service: Service, credential: &Arc<Credential>) -> Connection {
        let identity = self.channel(Service::Identity);
        let tokens = Tokens::new(identity, Arc::clone(credential), service.audience(), self.clock.shared());
        self.heard(Authenticated::new(self.channel(service), tokens))
    }

    /// A connection to a service for whoever brings no credential, or a token of their own.
    pub fn open_connection(&self, service: Service) -> Heard<Channel> {
        self.heard(self.channel(service))
    }

    /// Hears the errors that come over a connection.
    pub fn heard<C>(&self, connection: C) -> Heard<C> {
        Heard::new(connection, self.errors.clone())
    }

    /// These names and document numbers occur in the story: nobody may find them when it ends.
    pub fn hide<'a>(&self, words: impl IntoIterator<Item = &'a str>) {
        let mut hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        hidden.extend(words.into_iter().map(str::to_owned));
    }

    /// Ends the town. Fails if a name or a document number of the story is left anywhere in the clear.
    pub async fn end(mut self) {
        let finds = self.hunt().await;
        let told: Vec<_> = finds.iter().take(20).map(ToString::to_string).collect();
        assert!(finds.is_empty(), "{} finds, among them:\n{}", finds.len(), told.join("\n"));
    }

    /// Ends all services of a town without a story.
    pub async fn leave(mut self) {
        self.ended = true;
        for service in Service::ALL {
            self.close(service).await;
        }
    }

    /// Ends all services and looks for names and document numbers: in every file, every table, the log, and every error that
    /// reached a caller.
    pub async fn hunt(&mut self) -> BTreeSet<Find> {
        self.ended = true;
        let hunt = Hunt::new(&*self.hidden.lock().unwrap_or_else(PoisonError::into_inner));
        // While they run the databases have logs of their own, which go with the end.
        let mut finds = self.hunt_files(&hunt);
        for service in Service::ALL {
            self.close(service).await;
        }
        finds.extend(self.hunt_files(&hunt));
        for service in Service::ALL.into_iter().filter(|service| self.opened[*service as usize]) {
            let stored = tables::stored(self.database(service)).await;
            finds.extend(hunt.look(&format!("the tables of {service:?}"), &stored));
        }
        let log = hearing::logged(self.logged_before);
        assert!(!log.is_empty(), "nothing was logged");
        finds.extend(hunt.look("the log", &log));
        finds.extend(hunt.look("an error", &self.errors.all()));
        finds
    }

    fn hunt_files(&self, hunt: &Hunt) -> BTreeSet<Find> {
        let files = tables::files(self.folder());
        files.iter().flat_map(|(path, bytes)| hunt.look(&path.display().to_string(), bytes)).collect()
    }

    /// Waits until every service that runs says so.
    pub async fn ready(&self) {
        for service in Service::ALL {
            if self.houses[service as usize].is_some() {
                self.serving(service).await;
            }
        }
    }

    /// Waits until a service says that it serves.
    pub async fn serving(&self, service: Service) {
        says_so(self.channel(service)).await;
    }
}

/// Waits until whoever listens at `url` says that it serves.
pub async fn serving(url: &str) {
    says_so(connect_with(url, None).expect("an address")).await;
}

async fn says_so(channel: Channel) {
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_check_response::ServingStatus;
    use tonic_health::pb::health_client::HealthClient;
    greenroom_testkit::eventually("the service serves", || async {
        let answer = HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await;
        (answer.ok()?.into_inner().status() == ServingStatus::Serving).then_some(())
    })
    .await;
}

impl Drop for Town {
    fn drop(&mut self) {
        for house in self.houses.iter().flatten() {
            house.shutdown.cancel();
        }
        assert!(self.ended || std::thread::panicking(), "the story did not call `Town::end`");
    }
}
