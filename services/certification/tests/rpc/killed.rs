//! The service is a process of its own here, and is killed where it stands, again and again.

use crate::fake;
use crate::rolls::roll;
use crate::world::{Bearer, Connection, STANDARD, accreditation_of, header_of, parts_of};
use greenroom_auth::OrganizationRole as Role;
use greenroom_certification::{AUDIENCE, Config};
use greenroom_certification_store_sqlite::Store as Sqlite;
use greenroom_domain::certification::port::{CertificateFilter, CertificateRecord, PlanRow, Store as _};
use greenroom_domain::kernel::{ClientId, RollImportId, Timestamp};
use greenroom_feed::log::{EventLog as _, HasLog as _};
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::RollImportState;
use greenroom_proto::certification::v1::issuer_service_client::IssuerServiceClient;
use greenroom_proto::certification::v1::roll_service_client::RollServiceClient;
use greenroom_rpc::clock::{Clock as _, SystemClock};
use greenroom_rpc::credential::write_secret;
use greenroom_testkit::ports::Ports;
use greenroom_testkit::{TestIssuer, eventually};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const ROWS: usize = 12_000;
const KILLS: u64 = 50;
/// Where the process is killed is chance, but always the same.
const SEED: u64 = 0x5eed_0f70_1150_4a11;

/// Numbers that look like chance (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// What outlives the process.
struct Place {
    folder: TempDir,
    issuer: TestIssuer,
    identity: std::net::SocketAddr,
    ports: Ports,
}

/// The process.
struct Service {
    child: Child,
    channel: tonic::transport::Channel,
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Place {
    async fn new() -> Self {
        let issuer = TestIssuer::new("http://127.0.0.1:7101");
        let (identity, state) = fake::start(issuer.jwks()).await;
        state.forgetful.store(true, std::sync::atomic::Ordering::SeqCst);
        Self { folder: TempDir::new().unwrap(), issuer, identity, ports: Ports::claim() }
    }

    /// A folder with a configuration and no database.
    fn config(&self, name: &str) -> Config {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(folder.join("credentials")).unwrap();
        let config = Config::in_folder(&folder);
        let client = ClientId::try_new("certification").unwrap();
        write_secret(&config.credential_file, &client, &config.issuer, "secret").unwrap();
        config
    }

    async fn start(&self, config: &Config) -> Service {
        let file = config.keys_file.with_file_name("certification.toml");
        let listen = format!("127.0.0.1:{}", self.ports.base);
        let text = format!(
            "database_url = {:?}\nkeys_file = {:?}\ncredential_file = {:?}\nlisten = \"{listen}\"\n\
             identity_url = \"http://{}\"\nlog = \"error\"\n",
            config.database_url, config.keys_file, config.credential_file, self.identity
        );
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_greenroom-certification"));
        command.arg("--config").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        let channel = greenroom_rpc::client::connect(&format!("http://{listen}")).unwrap();
        let service = Service { child, channel };
        eventually("the service answers", async || {
            self.get(&service, "rollImports/none").await.err().filter(|status| {
                greenroom_rpc::fault::reason_of(status).as_deref() == Some("ROLL_IMPORT_NOT_FOUND")
            })
        })
        .await;
        service
    }

    fn bearer(&self) -> Bearer {
        let scopes = "issuers.write rolls.read rolls.write";
        let roles = [Role::SuiteOperator];
        Bearer(self.issuer.token(AUDIENCE, "operator", "suite", &roles, scopes, SystemClock.now()))
    }

    fn rolls(&self, service: &Service) -> RollServiceClient<Connection> {
        RollServiceClient::with_interceptor(service.channel.clone(), self.bearer())
    }

    async fn get(&self, service: &Service, name: &str) -> Result<wire::RollImport, tonic::Status> {
        let request = wire::GetRollImportRequest { name: name.to_owned() };
        let answer = self.rolls(service).get_roll_import(request).await?;
        Ok(answer.into_inner().roll_import.unwrap())
    }

    /// A database with an issuer and a plan, and no process.
    async fn planned(&self, config: &Config) -> wire::RollImport {
        let service = self.start(config).await;
        let mut issuers = IssuerServiceClient::with_interceptor(service.channel.clone(), self.bearer());
        issuers.accredit_issuer(accreditation_of("north")).await.unwrap();
        let header = wire::RollHeader { standard: STANDARD.to_owned(), ..header_of("north") };
        let parts = parts_of(header, roll(ROWS).as_bytes());
        let mut request = tonic::Request::new(tokio_stream::iter(parts));
        request.set_timeout(std::time::Duration::from_mins(10));
        let answer = self.rolls(&service).plan_roll_import(request).await.unwrap();
        answer.into_inner().roll_import.unwrap()
    }

    /// Carries work out to its end, killing the process that does it `kills` times on the way.
    async fn killed<F>(&self, config: &Config, import: &wire::RollImport, kills: u64, work: &Work<F>)
    where
        F: AsyncFn(RollServiceClient<Connection>, wire::RollImport) -> Result<(), tonic::Status>,
    {
        let mut chance = Chance(SEED);
        for kill in 0..kills {
            let service = self.start(config).await;
            let working = (work.call)(self.rolls(&service), import.clone());
            // Somewhere behind the rows of the kills before, and some looks later: between two of the service's steps.
            let rows = (ROWS as u64 - 2000) * (kill + 1) / kills;
            let looks = chance.below(24);
            let watching = async {
                eventually("work goes on", async || {
                    let seen = self.get(&service, &import.name).await.ok()?;
                    ((work.count)(&seen) >= rows).then_some(())
                })
                .await;
                for _ in 0..looks {
                    drop(self.get(&service, &import.name).await);
                }
            };
            tokio::select! {
                done = working => done.unwrap(),
                () = watching => {}
            }
            drop(service);
        }
        let service = self.start(config).await;
        (work.call)(self.rolls(&service), import.clone()).await.unwrap();
    }
}

/// Work on an import, and how much of it is done.
struct Work<F> {
    call: F,
    count: fn(&wire::RollImport) -> u64,
}

/// Everything a database says, but for the instants at which rows were carried out.
async fn content(
    config: &Config,
    import: &wire::RollImport,
) -> (Vec<CertificateRecord>, Vec<PlanRow>, Vec<String>) {
    let store = Sqlite::open(&config.database_url).await.unwrap();
    let never = Timestamp::from_micros(0);
    let (mut certificates, mut rows, mut events) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let after = certificates.last().map(|it: &CertificateRecord| it.certificate.id.as_str().to_owned());
        let filter = CertificateFilter::default();
        let page = store.certificates(&filter, &after.unwrap_or_default(), 5000).await.unwrap();
        if page.is_empty() {
            break;
        }
        certificates.extend(page.into_iter().map(|mut record| {
            record.certificate.state_since = never;
            (record.create_time, record.update_time) = (never, never);
            record
        }));
    }
    let id = RollImportId::parse_name(&import.name).unwrap();
    loop {
        let after = rows.last().map_or(0, |row: &PlanRow| row.row);
        let page = store.rows(&id, None, after, 5000).await.unwrap();
        if page.is_empty() {
            break;
        }
        rows.extend(page);
    }
    let mut after = 0;
    loop {
        let page = store.log().read_after(after, 5000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.sequence;
        events.extend(page.into_iter().map(|event| format!("{} {}", event.kind, event.subject)));
    }
    store.close().await;
    (certificates, rows, events)
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() && entry.file_name() != "certification.toml" {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// The same work in two copies of one database, once without a kill; both end the same.
async fn ends_equal<F>(
    place: &Place,
    from: &Config,
    import: &wire::RollImport,
    name: &str,
    work: Work<F>,
) -> Config
where
    F: AsyncFn(RollServiceClient<Connection>, wire::RollImport) -> Result<(), tonic::Status>,
{
    let folder = |config: &Config| config.keys_file.parent().unwrap().to_owned();
    let [calm, shot] = ["calm", "shot"].map(|kind| place.config(&format!("{name}-{kind}")));
    copy(&folder(from), &folder(&calm));
    copy(&folder(from), &folder(&shot));
    place.killed(&calm, import, 0, &work).await;
    place.killed(&shot, import, KILLS / 2, &work).await;
    let (left, right) = (content(&calm, import).await, content(&shot, import).await);
    assert!(left.0 == right.0, "{name}: the certificates differ");
    assert!(left.1 == right.1, "{name}: the rows of the plan differ");
    assert!(left.2 == right.2, "{name}: the events differ");
    for config in [&calm, &shot] {
        let report = greenroom_certification::verify(config).await.unwrap();
        assert!(report.is_clean(), "{report:?}");
    }
    shot
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_roll_killed_fifty_times_ends_equal_to_one_never_killed() {
    let place = Place::new().await;
    let config = place.config("plan");
    let import = place.planned(&config).await;
    let long = std::time::Duration::from_mins(10);
    let apply = Work {
        call: async |mut rolls: RollServiceClient<Connection>, import: wire::RollImport| {
            let mut request = tonic::Request::new(wire::ApplyRollImportRequest {
                name: import.name,
                digest: import.digest,
                ..wire::ApplyRollImportRequest::default()
            });
            request.set_timeout(long);
            let answer = rolls.apply_roll_import(request).await?.into_inner();
            assert_eq!(answer.roll_import.unwrap().state(), RollImportState::Applied);
            Ok(())
        },
        count: |import| import.applied_count.try_into().unwrap(),
    };
    let applied = ends_equal(&place, &config, &import, "apply", apply).await;
    let back = Work {
        call: async |mut rolls: RollServiceClient<Connection>, import: wire::RollImport| {
            let mut request = tonic::Request::new(wire::RollBackRollImportRequest {
                name: import.name,
                ..wire::RollBackRollImportRequest::default()
            });
            request.set_timeout(long);
            let answer = rolls.roll_back_roll_import(request).await?.into_inner();
            let import = answer.roll_import.unwrap();
            assert_eq!((import.state(), import.kept_count), (RollImportState::RolledBack, 0));
            Ok(())
        },
        count: |import| import.rolled_back_count.try_into().unwrap(),
    };
    ends_equal(&place, &applied, &import, "back", back).await;
}
