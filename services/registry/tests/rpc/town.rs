//! A registry with its surroundings, and the vocabulary of the stories.

use crate::fakes::Others;
use greenroom_auth::{AccessClaims, OrganizationRole};
use greenroom_domain::kernel::{ClientId, Timestamp};
use greenroom_feed::cursor::Cursor;
use greenroom_proto::certification::v1::{self as certification, certification_fact};
use greenroom_proto::identity::v1::{self as identity, identity_fact};
use greenroom_proto::registry::v1::live_session_service_client::LiveSessionServiceClient;
use greenroom_proto::registry::v1::permission_service_client::PermissionServiceClient;
use greenroom_proto::registry::v1::policy_service_client::PolicyServiceClient;
use greenroom_proto::registry::v1::registry_feed_service_client::RegistryFeedServiceClient;
use greenroom_proto::registry::v1::streamer_service_client::StreamerServiceClient;
use greenroom_proto::registry::v1::*;
use greenroom_registry::{AUDIENCE, Config, start};
use greenroom_rpc::clock::Clock as _;
use greenroom_rpc::credential;
use greenroom_rpc::server::Running;
use greenroom_rpc::wire::timestamp;
use greenroom_testkit::database::{TestDatabase, sqlite};
use greenroom_testkit::occupation;
use greenroom_testkit::{ManualClock, TestIssuer, eventually};
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::transport::Channel;
use tonic::{Request, Status};

pub const ISSUER: &str = "http://127.0.0.1:7101";
const SCOPES: &str = "permissions.check streamers.write streamers.read policies.write policies.read \
                      room_operators.write room_operators.read live_sessions.write live_sessions.read \
                      grants.write grants.read conduct.read conduct.write appeals.decide blocklist.read \
                      blocklist.write overrides.read overrides.write feed.read";
pub const STANDARD: &str = "standards/internet-marketer-2021";

/// The registry under test, its database, its clock and the services around it.
pub struct Town {
    pub clock: ManualClock,
    pub issuer: TestIssuer,
    pub others: Others,
    pub database: TestDatabase,
    pub folder: TempDir,
    versions: Mutex<HashMap<String, i64>>,
}

/// One replica that runs.
pub struct Replica {
    pub channel: Channel,
    pub running: Running,
    pub shutdown: CancellationToken,
}

impl Replica {
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.running.join.await.unwrap().unwrap();
    }
}

impl Town {
    pub async fn new() -> Self {
        Self::on(sqlite()).await
    }

    /// A town whose registry keeps its data in `database`.
    pub async fn on(database: TestDatabase) -> Self {
        let clock = ManualClock::monday_noon();
        let issuer = TestIssuer::new(ISSUER);
        let others = Others::start(&clock, &issuer).await;
        others.certification.keep(certification_fact::Fact::Standard(standard()));
        let folder = TempDir::new().unwrap();
        let client = ClientId::try_new("registry").unwrap();
        credential::write_secret(&folder.path().join("registry.json"), &client, ISSUER, "a-secret").unwrap();
        Self { clock, issuer, others, database, folder, versions: Mutex::default() }
    }

    pub fn config(&self) -> Config {
        let url = format!("http://{}", self.others.address);
        Config {
            database_url: self.database.url.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            issuer: ISSUER.to_owned(),
            identity_url: url.clone(),
            certification_url: url,
            credential_file: self.folder.path().join("registry.json"),
            lease_seconds: 20,
            ..Config::in_folder(self.folder.path())
        }
    }

    /// Starts a replica, whether or not it is ready.
    pub async fn launch(&self) -> Replica {
        let shutdown = CancellationToken::new();
        let running = start(self.config(), self.clock.shared(), shutdown.clone()).await.unwrap();
        let channel = greenroom_rpc::client::connect(&format!("http://{}", running.address)).unwrap();
        Replica { channel, running, shutdown }
    }

    /// Starts a replica and waits until it is ready.
    pub async fn start(&self) -> Replica {
        let replica = self.launch().await;
        eventually("the replica is ready", async || is_serving(&replica).await.then_some(())).await;
        replica
    }

    /// A call of a platform's client.
    pub fn call<T>(&self, platform: &str, message: T) -> Request<T> {
        self.call_as(platform, &[OrganizationRole::Platform], message)
    }

    pub fn call_as<T>(&self, organization: &str, roles: &[OrganizationRole], message: T) -> Request<T> {
        self.call_with(&self.claims(organization, roles), message)
    }

    /// What a token of an organization's client says.
    pub fn claims(&self, organization: &str, roles: &[OrganizationRole]) -> AccessClaims {
        let client = format!("{organization}-backend");
        self.issuer.claims(AUDIENCE, &client, organization, roles, SCOPES, self.clock.now())
    }

    /// A call with the token that says so.
    pub fn call_with<T>(&self, claims: &AccessClaims, message: T) -> Request<T> {
        call_signed(&self.issuer, claims, message)
    }

    pub fn next(&self, subject: &str) -> i64 {
        let mut versions = self.versions.lock().unwrap();
        let version = versions.entry(subject.to_owned()).or_insert(0);
        *version += 1;
        *version
    }

    pub fn in_hours(&self, hours: u64) -> Timestamp {
        self.clock.now().plus(Duration::from_hours(hours))
    }

    /// A person proven for a year, whom `platform` knows by the same name.
    pub fn person(&self, platform: &str, name: &str) -> String {
        let known = (format!("organizations/{platform}"), format!("persons/{name}"));
        self.others.persons.lock().unwrap().insert(known, format!("persons/suite-{name}"));
        self.others.identity.tell(identity_fact::Fact::Person(self.proof(name)))
    }

    /// What identity says of an adult proven for a year.
    pub fn proof(&self, name: &str) -> identity::PersonFact {
        identity::PersonFact {
            person: format!("persons/suite-{name}"),
            state: identity::PersonState::Verified.into(),
            state_since: Some(timestamp(self.clock.now())),
            evidence_until_time: Some(timestamp(self.in_hours(365 * 24))),
            age_band: identity::AgeBand::Adult.into(),
            version: self.next(name),
            ..Default::default()
        }
    }

    /// Lets identity say something else of a person, and asks whether the streamer may sell as soon as it is known.
    pub async fn check_with(
        &self,
        replica: &Replica,
        streamer: &str,
        said: identity::PersonFact,
    ) -> Decision {
        let at_least_revision = self.others.identity.tell(identity_fact::Fact::Person(said));
        let streamer = streamer.to_owned();
        let request = CheckPermissionRequest { streamer, at_least_revision, ..Default::default() };
        self.check(replica, "shop", request).await.unwrap()
    }

    pub fn issuer(&self, name: &str, standing: certification::IssuerStanding) -> String {
        self.others.certification.tell(certification_fact::Fact::Issuer(certification::IssuerFact {
            issuer: format!("issuers/{name}"),
            standing: standing.into(),
            version: self.next(name),
            ..Default::default()
        }))
    }

    /// A certificate of a person at level 3, confirmed until `until`.
    pub fn certificate(
        &self,
        name: &str,
        state: certification::CertificateState,
        until: Timestamp,
    ) -> certification_fact::Fact {
        certification_fact::Fact::Certificate(certification::CertificateFact {
            certificate: format!("certificates/of-{name}"),
            holder: format!("persons/suite-{name}"),
            standard: STANDARD.to_owned(),
            job_type: "live-salesperson".to_owned(),
            level: certification::Level::Level3.into(),
            issuer: "issuers/academy".to_owned(),
            state: state.into(),
            state_since_time: Some(timestamp(self.clock.now())),
            verified_time: Some(timestamp(self.clock.now())),
            evidence_until_time: Some(timestamp(until)),
            version: self.next(&format!("of-{name}")),
            ..Default::default()
        })
    }

    pub fn verify(&self, name: &str, until: Timestamp) -> String {
        let fact = self.certificate(name, certification::CertificateState::Verified, until);
        self.others.certification.tell(fact)
    }

    /// The same certificate, told again because its evidence ran out at `until`.
    pub fn lapse(&self, name: &str, until: Timestamp) -> String {
        let fact = self.certificate(name, certification::CertificateState::Verified, until);
        let certification_fact::Fact::Certificate(fact) = fact else { panic!("another fact") };
        let evidence_lapsed_time = Some(timestamp(until));
        let fact = certification::CertificateFact { evidence_lapsed_time, ..fact };
        self.others.certification.tell(certification_fact::Fact::Certificate(fact))
    }

    pub fn revoke(&self, name: &str) -> String {
        let until = self.in_hours(1_000);
        let fact = self.certificate(name, certification::CertificateState::Revoked, until);
        self.others.certification.tell(fact)
    }

    /// A streamer of `platform` whom nothing bars, under a policy in force.
    pub async fn certified(&self, replica: &Replica, platform: &str, name: &str) -> String {
        let proven = self.person(platform, name);
        self.issuer("academy", certification::IssuerStanding::Listed);
        let verified = self.verify(name, self.in_hours(1_000));
        let streamer = self.enrol(replica, platform, name).await.unwrap().name;
        self.set_policy(replica, platform).await;
        let check = |at_least_revision| {
            let request = CheckPermissionRequest {
                streamer: streamer.clone(),
                at_least_revision,
                ..Default::default()
            };
            self.check(replica, platform, request)
        };
        check(proven).await.unwrap();
        let decision = check(verified).await.unwrap();
        assert_eq!(decision.outcome(), Outcome::Allow, "{:?}", decision.reasons);
        streamer
    }

    /// A streamer of `shop` with a proven identity that the registry has heard of.
    pub async fn proven(&self, replica: &Replica, name: &str) -> String {
        let at_least_revision = self.person("shop", name);
        let streamer = self.enrol(replica, "shop", name).await.unwrap().name;
        let request =
            CheckPermissionRequest { streamer: streamer.clone(), at_least_revision, ..Default::default() };
        self.check(replica, "shop", request).await.unwrap();
        streamer
    }

    /// Changes the SQLite database behind the registry's back.
    pub async fn forge(&self, statement: &str) {
        let pool = greenroom_feed::sqlite::open(&self.database.url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
        pool.close().await;
    }

    pub async fn enrol(&self, replica: &Replica, platform: &str, name: &str) -> Result<Streamer, Status> {
        let streamer = Streamer {
            account: format!("room-of-{name}"),
            person: format!("persons/{name}"),
            ..Default::default()
        };
        let message = EnrolStreamerRequest { streamer: Some(streamer), ..Default::default() };
        let answer = streamers(replica).enrol_streamer(self.call(platform, message)).await?;
        Ok(answer.into_inner().streamer.unwrap())
    }

    pub fn policy(&self) -> Policy {
        Policy {
            accepted_standards: vec![STANDARD.to_owned()],
            accepted_job_types: vec!["live-salesperson".to_owned()],
            minimum_level: Level::Level4.into(),
            max_staleness: Some(greenroom_rpc::wire::duration(Duration::from_secs(30))),
            effective_time: Some(timestamp(self.clock.now())),
            ..Default::default()
        }
    }

    pub async fn set_policy(&self, replica: &Replica, platform: &str) -> Policy {
        let message = SetPolicyRequest { policy: Some(self.policy()), ..Default::default() };
        let answer = policies(replica).set_policy(self.call(platform, message)).await.unwrap();
        answer.into_inner().policy.unwrap()
    }

    pub async fn check(
        &self,
        replica: &Replica,
        platform: &str,
        request: CheckPermissionRequest,
    ) -> Result<Decision, Status> {
        let answer = permissions(replica).check_permission(self.call(platform, request)).await?;
        Ok(answer.into_inner().decision.unwrap())
    }

    pub async fn check_now(&self, replica: &Replica, platform: &str, streamer: &str) -> Decision {
        let request = CheckPermissionRequest { streamer: streamer.to_owned(), ..Default::default() };
        self.check(replica, platform, request).await.unwrap()
    }

    /// Waits until both feeds have been heard at the present instant of the clock.
    pub async fn hear(&self, replica: &Replica, streamer: &str) {
        let instantly = prost_types::Duration { seconds: 0, nanos: 1_000 };
        let request = CheckPermissionRequest {
            streamer: streamer.to_owned(),
            max_staleness: Some(instantly),
            ..Default::default()
        };
        eventually("both feeds are heard", async || {
            let decision = self.check(replica, "shop", request.clone()).await.unwrap();
            (!codes(&decision).contains(&"EVIDENCE_SOURCE_UNAVAILABLE")).then_some(())
        })
        .await;
    }

    pub async fn open(
        &self,
        replica: &Replica,
        platform: &str,
        streamers: &[&str],
    ) -> Result<OpenLiveSessionResponse, Status> {
        let message = OpenLiveSessionRequest {
            room: "room-1".to_owned(),
            streamers: streamers.iter().map(|name| (*name).to_owned()).collect(),
            sale: Some(Sale { categories: vec!["general".to_owned()], ..Default::default() }),
            ..Default::default()
        };
        let answer = sessions(replica).open_live_session(self.call(platform, message)).await?;
        Ok(answer.into_inner())
    }

    pub async fn watch(&self, replica: &Replica, platform: &str, cursor: &str) -> Watcher {
        let message = WatchLiveSessionsRequest { cursor: cursor.to_owned(), ..Default::default() };
        let answer = sessions(replica).watch_live_sessions(self.call(platform, message)).await.unwrap();
        Watcher {
            stream: answer.into_inner(),
            waiting: Vec::new(),
            heard: -1,
            sessions: sessions(replica),
            credentials: self.call(platform, ()).metadata().clone(),
        }
    }
}

/// What certification says of the standard every story rests on.
pub fn standard() -> certification::StandardFact {
    let standard = occupation::standard();
    let level = |level: greenroom_domain::occupation::Level| {
        certification::Level::from_str_name(level.code()).unwrap().into()
    };
    let job_types = standard.job_types().iter().map(|it| certification::StandardFactJobType {
        job_type: it.job_type.to_string(),
        display_name: it.name.english.clone(),
        chinese_name: it.name.chinese.clone(),
        levels: it.levels.iter().copied().map(level).collect(),
    });
    certification::StandardFact {
        standard: standard.id().name(),
        edition: standard.edition(),
        occupation_codes: standard.codes().iter().map(ToString::to_string).collect(),
        job_types: job_types.collect(),
        digest: vec![7; 32],
        version: 1,
    }
}

/// A call with a token of some issuer.
pub fn call_signed<T>(issuer: &TestIssuer, claims: &AccessClaims, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let value = MetadataValue::try_from(format!("Bearer {}", issuer.sign(claims))).unwrap();
    request.metadata_mut().insert("authorization", value);
    request
}

/// Hears what happens to a platform's sessions.
pub struct Watcher {
    stream: tonic::Streaming<WatchLiveSessionsResponse>,
    waiting: Vec<LiveSessionEvent>,
    heard: i64,
    sessions: LiveSessionServiceClient<Channel>,
    /// The metadata of a call by the same platform.
    credentials: MetadataMap,
}

impl Watcher {
    /// The next event.
    pub async fn next(&mut self) -> LiveSessionEvent {
        while self.waiting.is_empty() {
            self.waiting = self.message().await.events;
        }
        self.waiting.remove(0)
    }

    /// Everything committed so far that was not heard yet.
    pub async fn rest(&mut self) -> Vec<LiveSessionEvent> {
        let mut request = Request::new(ListLiveSessionsRequest::default());
        *request.metadata_mut() = self.credentials.clone();
        let listed = self.sessions.list_live_sessions(request).await.unwrap().into_inner();
        let head = Cursor::decode(&listed.watch_cursor).unwrap().sequence;
        let mut events = std::mem::take(&mut self.waiting);
        while self.heard < head {
            let message = self.message().await;
            events.extend(message.events);
        }
        events
    }

    async fn message(&mut self) -> WatchLiveSessionsResponse {
        let message = self.stream.message().await.unwrap().unwrap();
        self.heard = Cursor::decode(&message.cursor).unwrap().sequence;
        message
    }
}

pub fn permissions(replica: &Replica) -> PermissionServiceClient<Channel> {
    PermissionServiceClient::new(replica.channel.clone())
}

pub fn streamers(replica: &Replica) -> StreamerServiceClient<Channel> {
    StreamerServiceClient::new(replica.channel.clone())
}

pub fn policies(replica: &Replica) -> PolicyServiceClient<Channel> {
    PolicyServiceClient::new(replica.channel.clone())
}

pub fn sessions(replica: &Replica) -> LiveSessionServiceClient<Channel> {
    LiveSessionServiceClient::new(replica.channel.clone())
}

pub fn events(replica: &Replica) -> RegistryFeedServiceClient<Channel> {
    RegistryFeedServiceClient::new(replica.channel.clone())
}

pub async fn is_serving(replica: &Replica) -> bool {
    use tonic_health::pb::health_client::HealthClient;
    use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus};
    let mut health = HealthClient::new(replica.channel.clone());
    let answer = health.check(HealthCheckRequest { service: String::new() }).await;
    answer.is_ok_and(|answer| answer.into_inner().status() == ServingStatus::Serving)
}

/// The reason codes of a decision, without their prefix.
pub fn codes(decision: &Decision) -> Vec<&'static str> {
    let names = decision.reasons.iter().map(|reason| reason.code().as_str_name());
    names.map(|name| name.strip_prefix("REASON_CODE_").unwrap()).collect()
}

/// The reason of a refusal.
pub fn reason(refused: &Status) -> String {
    greenroom_rpc::fault::reason_of(refused).unwrap_or_default()
}
