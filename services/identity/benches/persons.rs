//! How many persons a second one service on SQLite takes in, over gRPC, every commit on disk before it is answered.
//!
//! `cargo bench -p greenroom-identity --bench persons` prints a table. What other programs do to the machine at the same
//! time is in it: the numbers of one run are to be held against each other and against that run's own `fsync` line.
#![expect(clippy::print_stdout, reason = "its table is what it is for")]

use greenroom_identity::{AUDIENCE, Config, start};
use greenroom_proto::identity::v1::client_service_client::ClientServiceClient;
use greenroom_proto::identity::v1::create_client_request::Credential as NewCredential;
use greenroom_proto::identity::v1::organization_service_client::OrganizationServiceClient;
use greenroom_proto::identity::v1::person_query::By;
use greenroom_proto::identity::v1::person_registration::Identity as BatchIdentity;
use greenroom_proto::identity::v1::person_service_client::PersonServiceClient;
use greenroom_proto::identity::v1::register_person_request::Identity;
use greenroom_proto::identity::v1::{
    BatchRegisterPersonsRequest, Client, CreateClientRequest, CreateOrganizationRequest, DocumentType,
    GeneratedSecret, IdentityClaim, Organization, OrganizationRole, PersonQuery, PersonRegistration,
    Proofing, ProofingAuthentication, ProofingMethod, ProofingResult, RecordProofingRequest,
    RegisterPersonRequest, ResolvePersonsRequest,
};
use greenroom_rpc::client::{Authenticated, Credential, Tokens, connect};
use greenroom_rpc::clock::{SharedClock, SystemClock};
use greenroom_rpc::credential;
use std::error::Error;
use std::io::{Seek as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use zeroize::Zeroizing;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const CALLERS: usize = 16;
const ROUNDS: usize = 3;
/// Persons of each caller and round.
const SINGLES: usize = 40;
const BATCHES: usize = 1;
const BATCH: usize = 500;

/// A service in a folder of its own, and those who call it.
struct Bench {
    config: Config,
    clock: SharedClock,
    address: SocketAddr,
    shutdown: CancellationToken,
    join: tokio::task::JoinHandle<Result<(), tonic::transport::Error>>,
    _folder: TempDir,
}

impl Bench {
    async fn start() -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let mut config = Config::in_folder(folder.path());
        config.listen.set_port(0);
        let clock: SharedClock = Arc::new(SystemClock);
        let shutdown = CancellationToken::new();
        let running = start(config.clone(), Arc::clone(&clock), shutdown.clone()).await?;
        let (address, join) = (running.address, running.join);
        Ok(Self { config, clock, address, shutdown, join, _folder: folder })
    }

    async fn end(self) -> Outcome<()> {
        self.shutdown.cancel();
        Ok(self.join.await??)
    }

    fn caller(&self, credential: Credential) -> Outcome<Authenticated> {
        let channel = connect(&format!("http://{}", self.address))?;
        let tokens = Tokens::new(channel.clone(), Arc::new(credential), AUDIENCE, Arc::clone(&self.clock));
        Ok(Authenticated::new(channel, tokens))
    }

    fn suite(&self, client: &str) -> Outcome<Authenticated> {
        self.caller(credential::read(&self.config.credentials_dir.join(format!("{client}.json")))?)
    }

    /// Sixteen connections of one platform.
    async fn platform(&self) -> Outcome<Vec<Authenticated>> {
        let operator = self.suite("suite-operator")?;
        let organization = Organization {
            display_name: "Sample platform".to_owned(),
            roles: vec![OrganizationRole::Platform.into()],
            ..Default::default()
        };
        let request = CreateOrganizationRequest {
            organization_id: "shop".to_owned(),
            organization: Some(organization),
            ..Default::default()
        };
        OrganizationServiceClient::new(operator.clone()).create_organization(request).await?;
        let client = Client {
            organization: "organizations/shop".to_owned(),
            display_name: "Till".to_owned(),
            scopes: ["persons.proof", "persons.write"].map(str::to_owned).to_vec(),
            ..Default::default()
        };
        let request = CreateClientRequest {
            client_id: "till".to_owned(),
            client: Some(client),
            credential: Some(NewCredential::GeneratedSecret(GeneratedSecret {})),
            request_id: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        let secret = ClientServiceClient::new(operator).create_client(request).await?.into_inner();
        let credential = || -> Outcome<Credential> {
            Ok(Credential::Secret {
                client: greenroom_domain::kernel::ClientId::try_new("till")?,
                secret: Zeroizing::new(secret.client_secret.clone()),
            })
        };
        (0..CALLERS).map(|_| self.caller(credential()?)).collect()
    }
}

fn claim(number: usize) -> IdentityClaim {
    IdentityClaim {
        real_name: "样例众人".to_owned(),
        document_type: DocumentType::Passport.into(),
        document_number: format!("E{number:09}"),
    }
}

fn check() -> Proofing {
    Proofing {
        method: ProofingMethod::AdministratorAttestation.into(),
        authentication: ProofingAuthentication::InPerson.into(),
        result: ProofingResult::Match.into(),
        artefact_sha256: "ab".repeat(32),
        ..Default::default()
    }
}

async fn singly(caller: Authenticated, first: usize) -> Outcome<usize> {
    let mut persons = PersonServiceClient::new(caller);
    for number in first..first + SINGLES {
        let request = RegisterPersonRequest {
            identity: Some(Identity::Claim(claim(number))),
            request_id: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        let person = persons.register_person(request).await?.into_inner().person.ok_or("no person")?;
        let request = RecordProofingRequest {
            person: person.name,
            proofing: Some(check()),
            request_id: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        persons.record_proofing(request).await?;
    }
    Ok(SINGLES)
}

async fn batched(caller: Authenticated, first: usize) -> Outcome<usize> {
    let mut persons = PersonServiceClient::new(caller);
    for number in (first..first + BATCHES * BATCH).step_by(BATCH) {
        let registrations = (number..number + BATCH).map(|number| PersonRegistration {
            identity: Some(BatchIdentity::Claim(claim(number))),
            proofing: Some(check()),
        });
        let request = BatchRegisterPersonsRequest {
            registrations: registrations.collect(),
            request_id: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        persons.batch_register_persons(request).await?;
    }
    Ok(BATCHES * BATCH)
}

async fn resolved(caller: Authenticated, first: usize) -> Outcome<usize> {
    let mut persons = PersonServiceClient::new(caller);
    let queries = (first..first + BATCH).map(|number| PersonQuery { by: Some(By::Claim(claim(number))) });
    let request = ResolvePersonsRequest { queries: queries.collect(), register_missing: true };
    persons.resolve_persons(request).await?;
    Ok(BATCH)
}

/// All callers at once, each with its own range of documents. Answers persons a second.
async fn round<F>(
    callers: &[Authenticated],
    next: &mut usize,
    each: fn(Authenticated, usize) -> F,
) -> Outcome<f64>
where
    F: Future<Output = Outcome<usize>> + Send + 'static,
{
    const APART: usize = 10_000;
    let begun = Instant::now();
    let calls: Vec<_> = callers
        .iter()
        .map(|caller| {
            *next += APART;
            tokio::spawn(each(caller.clone(), *next))
        })
        .collect();
    let mut persons = 0;
    for call in calls {
        persons += call.await??;
    }
    Ok(rate(persons, begun.elapsed()))
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn rate(count: usize, within: Duration) -> f64 {
    count as f64 / within.as_secs_f64()
}

/// How often a second the disk under the databases confirms a small write.
fn syncs() -> Outcome<f64> {
    const WRITES: usize = 200;
    let mut file = tempfile::tempfile()?;
    let begun = Instant::now();
    for _ in 0..WRITES {
        file.rewind()?;
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
    }
    Ok(rate(WRITES, begun.elapsed()))
}

fn line(what: &str, unit: &str, rates: &mut [f64]) {
    rates.sort_by(f64::total_cmp);
    let middle = rates.get(rates.len() / 2).copied().unwrap_or_default();
    let (low, high) = (rates.first().copied().unwrap_or_default(), rates.last().copied().unwrap_or_default());
    println!("{what:<58} {middle:>9.0} {unit:<10} ({low:.0} to {high:.0})");
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let (mut disk, mut one, mut many, mut rolls) = (vec![], vec![], vec![], vec![]);
    let bench = Bench::start().await?;
    let callers = bench.platform().await?;
    let service = bench.suite("certification")?;
    let services = vec![service; CALLERS];
    let mut next = 0;
    // The kinds take turns, so that what else the machine does falls on all of them.
    for _ in 0..ROUNDS {
        disk.push(syncs()?);
        one.push(round(&callers, &mut next, singly).await?);
        many.push(round(&callers, &mut next, batched).await?);
        rolls.push(round(&services, &mut next, resolved).await?);
    }
    bench.end().await?;
    println!(
        "{CALLERS} callers at once, SQLite, synchronous=FULL; the middle of {ROUNDS} rounds (lowest to highest)"
    );
    line("disk: writes of 4 KiB with fsync, one after another", "writes/s", &mut disk);
    line("RegisterPerson and RecordProofing, one by one", "persons/s", &mut one);
    line(&format!("BatchRegisterPersons with checks, {BATCH} at a time"), "persons/s", &mut many);
    line(&format!("ResolvePersons with registration, {BATCH} at a time"), "rows/s", &mut rolls);
    Ok(())
}
