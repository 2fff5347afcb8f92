//! How many tokens per second one service issues through its own listener, on SQLite: `cargo bench -p greenroom-identity
//! --bench tokens`.
//!
//! Two threads do everything, callers included. Beside the rate stands what a token costs in processor time, which other
//! work on the machine changes less.
#![expect(clippy::print_stdout, reason = "a benchmark prints its result")]

use greenroom_auth::{Algorithm, AssertionClaims, SigningKey};
use greenroom_domain::kernel::ClientId;
use greenroom_identity::{AUDIENCE, Config, start};
use greenroom_proto::identity::v1::client_service_client::ClientServiceClient;
use greenroom_proto::identity::v1::create_client_request::Credential as Given;
use greenroom_proto::identity::v1::issue_token_request::Proof;
use greenroom_proto::identity::v1::token_service_client::TokenServiceClient;
use greenroom_proto::identity::v1::{
    Client, ClientSecret, CreateClientRequest, GeneratedSecret, IssueTokenRequest,
};
use greenroom_rpc::client::{Authenticated, Tokens, connect};
use greenroom_rpc::clock::{SharedClock, SystemClock};
use greenroom_rpc::credential;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const CALLERS: usize = 32;
const CONNECTIONS: usize = 4;
const TOKENS: usize = 20_000;
const WARM_UP: usize = 500;

fn main() -> Outcome<()> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?.block_on(run())
}

async fn run() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let mut config = Config::in_folder(folder.path());
    config.listen.set_port(0);
    let clock: SharedClock = Arc::new(SystemClock);
    let shutdown = CancellationToken::new();
    let running = start(config.clone(), Arc::clone(&clock), shutdown.clone()).await?;
    let url = format!("http://{}", running.address);
    let (key, _) = SigningKey::generate(Algorithm::EdDsa)?;
    let secret = clients(&config, &url, &clock, &key).await?;

    println!("{:<18} {:>9} {:>12} {:>10} {:>10}", "proof", "tokens/s", "cpu us/token", "p50 ms", "p99 ms");
    let by_secret: Vec<_> = (0..WARM_UP + TOKENS)
        .map(|_| {
            Proof::ClientSecret(ClientSecret { client_id: "by-secret".to_owned(), secret: secret.clone() })
        })
        .collect();
    measure("client_secret", &url, by_secret).await?;
    let by_key: Outcome<Vec<_>> = (0..WARM_UP + TOKENS)
        .map(|index| {
            let now = clock.now();
            let claims = AssertionClaims {
                client_id: ClientId::try_new("by-key")?,
                audience: config.issuer.clone(),
                assertion_id: format!("assertion-{index}"),
                issue_time: now,
                expire_time: now.plus(Duration::from_mins(30)),
            };
            Ok(Proof::ClientAssertion(key.sign_assertion(&claims)?))
        })
        .collect();
    measure("private_key_jwt", &url, by_key?).await?;
    shutdown.cancel();
    Ok(running.join.await??)
}

/// Two clients: one with a secret, which is returned, one with the key.
async fn clients(config: &Config, url: &str, clock: &SharedClock, key: &SigningKey) -> Outcome<String> {
    let own = credential::read(&config.credentials_dir.join("suite-operator.json"))?;
    let tokens = Tokens::new(connect(url)?, Arc::new(own), AUDIENCE, Arc::clone(clock));
    let mut clients = ClientServiceClient::new(Authenticated::new(connect(url)?, tokens));
    let request = |id: &str, given: Given| CreateClientRequest {
        client_id: id.to_owned(),
        client: Some(Client {
            organization: "organizations/suite".to_owned(),
            display_name: id.to_owned(),
            scopes: vec!["persons.read".to_owned(), "persons.write".to_owned()],
            ..Default::default()
        }),
        credential: Some(given),
        request_id: uuid::Uuid::new_v4().to_string(),
        ..Default::default()
    };
    clients.create_client(request("by-key", Given::PublicJwk(key.public().to_jwk_json()))).await?;
    let made =
        clients.create_client(request("by-secret", Given::GeneratedSecret(GeneratedSecret {}))).await?;
    Ok(made.into_inner().client_secret)
}

async fn measure(name: &str, url: &str, mut proofs: Vec<Proof>) -> Outcome<()> {
    let channels = (0..CONNECTIONS).map(|_| connect(url)).collect::<Result<Vec<_>, _>>()?;
    let measured = Arc::new(proofs.split_off(WARM_UP));
    issue_all(&channels, &Arc::new(proofs)).await?;
    let (begun, cpu) = (Instant::now(), processor_time()?);
    let mut waits = issue_all(&channels, &measured).await?;
    let (took, cpu) = (begun.elapsed(), processor_time()?.saturating_sub(cpu));
    waits.sort_unstable();
    let rank = |percent: usize| {
        let wait = waits.get(waits.len() * percent / 100).copied().unwrap_or_default();
        wait.as_secs_f64() * 1000.0
    };
    let count = f64::from(u32::try_from(waits.len())?);
    println!(
        "{name:<18} {:>9.0} {:>12.0} {:>10.2} {:>10.2}",
        count / took.as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / count,
        rank(50),
        rank(99)
    );
    Ok(())
}

/// Sends every proof, and tells how long each answer took.
async fn issue_all(channels: &[Channel], proofs: &Arc<Vec<Proof>>) -> Outcome<Vec<Duration>> {
    let next = Arc::new(AtomicUsize::new(0));
    let callers: Vec<_> = channels
        .iter()
        .cycle()
        .take(CALLERS)
        .map(|channel| {
            let mut service = TokenServiceClient::new(channel.clone());
            let (next, proofs) = (Arc::clone(&next), Arc::clone(proofs));
            tokio::spawn(async move {
                let mut waits = Vec::new();
                while let Some(proof) = proofs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (proof, audience) = (Some(proof.clone()), AUDIENCE.to_owned());
                    let begun = Instant::now();
                    service.issue_token(IssueTokenRequest { proof, audience, scopes: Vec::new() }).await?;
                    waits.push(begun.elapsed());
                }
                Ok::<_, tonic::Status>(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for caller in callers {
        waits.extend(caller.await??);
    }
    Ok(waits)
}

/// The processor time this process has used (proc(5), fields 14 and 15 in hundredths of a second).
fn processor_time() -> Outcome<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let fields = text.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default().split_ascii_whitespace();
    let ticks = fields.skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}
