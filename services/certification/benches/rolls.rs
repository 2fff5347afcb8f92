//! How many rows of a roll a second the service plans and applies, over gRPC, every commit on disk before it is answered.
//!
//! `cargo bench -p greenroom-certification --bench rolls` prints a table: on SQLite, and on PostgreSQL where
//! `GREENROOM_TEST_POSTGRES_URL` names a server. `-- 100000` behind it says how many rows. The identity service beside it
//! keeps nobody, the roll is made as it is sent, and both live in this process: their time and memory are in the numbers.
//! `cores` tells what limits a phase: near the machine's number its processors, near 1 a single writer, below that the
//! disk or the database server.
#![expect(clippy::print_stdout, reason = "its table is what it is for")]

#[path = "../tests/rpc/fake.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "it is the tests', which look at more of it"
)]
mod fake;

use greenroom_auth::OrganizationRole as Role;
use greenroom_certification::{AUDIENCE, Config, start};
use greenroom_domain::kernel::ClientId;
use greenroom_proto::certification::v1 as wire;
use greenroom_proto::certification::v1::issuer_service_client::IssuerServiceClient;
use greenroom_proto::certification::v1::plan_roll_import_request::Part;
use greenroom_proto::certification::v1::roll_service_client::RollServiceClient;
use greenroom_rpc::clock::{SharedClock, SystemClock};
use greenroom_rpc::credential::write_secret;
use greenroom_testkit::TestIssuer;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ROWS: u32 = 1_000_000;
/// Rows of one message, about 64 KiB.
const CHUNK: u32 = 700;
const LONGEST: Duration = Duration::from_hours(1);

fn chunk(from: u32, rows: u32) -> Vec<u8> {
    let mut text = String::new();
    if from == 0 {
        text.push_str("姓名,证件类型,证件号码,工种,职业技能等级,证书编号,发证日期\n");
    }
    for number in from + 1..=(from + CHUNK).min(rows) {
        // A number has six digits for its place in a year and level.
        let (year, serial) = (20 + number / 1_000_000, number % 1_000_000);
        let row = format!(
            "测试·{number:07},护照,X{number:08},直播销售员,三级/高级工,S000033000000{year}3{serial:06},20{year}-05-06\n"
        );
        text.push_str(&row);
    }
    text.into_bytes()
}

fn parts(rows: u32) -> impl Iterator<Item = wire::PlanRollImportRequest> + Send + 'static {
    let header = wire::RollHeader {
        issuer: "issuers/north".to_owned(),
        standard: "standards/internet-marketer-2021".to_owned(),
        file_name: "bench.csv".to_owned(),
        ..wire::RollHeader::default()
    };
    let chunks = (0..rows).step_by(CHUNK as usize).map(move |from| Part::Chunk(chunk(from, rows)));
    std::iter::once(Part::Header(header))
        .chain(chunks)
        .map(|part| wire::PlanRollImportRequest { part: Some(part) })
}

/// What one phase took.
struct Phase {
    wall: f64,
    cpu: f64,
}

impl Phase {
    async fn of<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<(Self, T)> {
        let (began, cpu) = (Instant::now(), cpu_seconds()?);
        let done = work.await?;
        Ok((Self { wall: began.elapsed().as_secs_f64(), cpu: cpu_seconds()? - cpu }, done))
    }

    fn tell(&self, engine: &str, phase: &str, rows: u32) {
        let (wall, cores) = (self.wall, self.cpu / self.wall);
        let per_second = f64::from(rows) / wall;
        println!(
            "{engine:<9} {phase:<11} {rows:>8} rows {wall:>7.2} s {per_second:>7.0} rows/s {cores:>5.2} cores"
        );
    }
}

/// Processor seconds this process has used. The kernel counts in hundredths.
fn cpu_seconds() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = behind_name.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
}

fn peak_mebibytes() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    Ok(line.split_whitespace().nth(1).unwrap_or_default().parse::<u64>()? / 1024)
}

struct Caller {
    issuer: TestIssuer,
    clock: SharedClock,
    channel: Channel,
}

impl Caller {
    fn request<T>(&self, message: T) -> Outcome<tonic::Request<T>> {
        let roles = [Role::Regulator, Role::SuiteOperator];
        let scopes = "issuers.write rolls.read rolls.write";
        let token = self.issuer.token(AUDIENCE, "bench", "suite", &roles, scopes, self.clock.now());
        let mut request = tonic::Request::new(message);
        request.metadata_mut().insert("authorization", MetadataValue::try_from(format!("Bearer {token}"))?);
        request.set_timeout(LONGEST);
        Ok(request)
    }

    async fn accredit(&self) -> Outcome<()> {
        let accreditation = wire::Accreditation {
            standard: "standards/internet-marketer-2021".to_owned(),
            job_type: "live-salesperson".to_owned(),
            levels: vec![wire::Level::Level3.into()],
            from_date: "2020-01-01".to_owned(),
            to_date: String::new(),
        };
        let issuer = wire::Issuer {
            organization: "organizations/north".to_owned(),
            display_name: "North College".to_owned(),
            issuer_class: wire::IssuerClass::SocialOrganization.into(),
            code: "0000".to_owned(),
            province: "33".to_owned(),
            accreditations: vec![accreditation],
            ..wire::Issuer::default()
        };
        let request = wire::AccreditIssuerRequest {
            issuer_id: "north".to_owned(),
            issuer: Some(issuer),
            ..wire::AccreditIssuerRequest::default()
        };
        IssuerServiceClient::new(self.channel.clone()).accredit_issuer(self.request(request)?).await?;
        Ok(())
    }

    async fn plan(&self, rows: u32) -> Outcome<wire::RollImport> {
        let mut rolls = RollServiceClient::new(self.channel.clone());
        let stream = tokio_stream::iter(parts(rows));
        let answer = rolls.plan_roll_import(self.request(stream)?).await?.into_inner();
        Ok(answer.roll_import.unwrap_or_default())
    }

    async fn apply(&self, import: &wire::RollImport) -> Outcome<wire::RollImport> {
        let mut rolls = RollServiceClient::new(self.channel.clone());
        let request = wire::ApplyRollImportRequest {
            name: import.name.clone(),
            digest: import.digest.clone(),
            ..wire::ApplyRollImportRequest::default()
        };
        let answer = rolls.apply_roll_import(self.request(request)?).await?.into_inner();
        Ok(answer.roll_import.unwrap_or_default())
    }
}

fn all(what: &str, count: i32, rows: u32) -> Outcome<()> {
    if u32::try_from(count)? == rows { Ok(()) } else { Err(format!("{count} of {rows} rows {what}").into()) }
}

async fn measure(engine: &str, caller: &Caller, rows: u32) -> Outcome<()> {
    // From here on the peak is this engine's.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let (planning, planned) = Phase::of(caller.plan(rows)).await?;
    planning.tell(engine, "plan", rows);
    let (applying, applied) = Phase::of(caller.apply(&planned)).await?;
    applying.tell(engine, "apply", rows);
    let both = Phase { wall: planning.wall + applying.wall, cpu: planning.cpu + applying.cpu };
    both.tell(engine, "both", rows);
    all("were applied", applied.applied_count, rows)?;
    let (again, unchanged) = Phase::of(caller.plan(rows)).await?;
    again.tell(engine, "plan again", rows);
    println!("{engine:<9} peak {} MiB", peak_mebibytes()?);
    all("are unchanged", unchanged.totals.unwrap_or_default().unchanged_count, rows)
}

async fn run(engine: &str, database_url: Option<String>, rows: u32) -> Outcome<()> {
    let issuer = TestIssuer::new("http://127.0.0.1:7101");
    let (address, identity) = fake::start(issuer.jwks()).await;
    identity.forgetful.store(true, Ordering::SeqCst);
    let folder = tempfile::tempdir()?;
    std::fs::create_dir(folder.path().join("credentials"))?;
    let mut config = Config::in_folder(folder.path());
    config.listen.set_port(0);
    config.identity_url = format!("http://{address}");
    config.database_url = database_url.unwrap_or(config.database_url);
    write_secret(&config.credential_file, &ClientId::try_new("certification")?, &config.issuer, "secret")?;
    let clock: SharedClock = Arc::new(SystemClock);
    let shutdown = CancellationToken::new();
    let running = start(config, Arc::clone(&clock), shutdown.clone()).await?;
    let channel = greenroom_rpc::client::connect(&format!("http://{}", running.address))?;
    let caller = Caller { issuer, clock, channel };
    caller.accredit().await?;
    measure(engine, &caller, rows).await?;
    shutdown.cancel();
    drop(caller);
    Ok(running.join.await??)
}

#[expect(clippy::disallowed_methods, reason = "where PostgreSQL is, only the environment says")]
fn main() -> Outcome<()> {
    let rows = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(ROWS);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        run("sqlite", None, rows).await?;
        if std::env::var(greenroom_testkit::database::POSTGRES_URL).is_ok() {
            let database = greenroom_testkit::database::postgres().await;
            run("postgres", Some(database.url.clone()), rows).await?;
        }
        Ok(())
    })
}
