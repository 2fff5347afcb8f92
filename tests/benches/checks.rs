//! How many checks a second one registry answers, and how long one decision takes.
//!
//! `cargo bench -p greenroom-tests --bench checks` prints three lines. The callers live in the same process as the three
//! services: their time is in the numbers.
#![expect(clippy::print_stdout, reason = "its table is what it is for")]

use greenroom_domain::kernel::{CertificateId, OrganizationId, StandardId, Timestamp};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_domain::registry::{
    AgeBand, CertificateFact, CertificateState, Demand, Enrolment, EnrolmentState, Facts, Freshness,
    IdentityFact, IssuerStanding, Outcome, PersonState, Policy, PolicyTerms, Question, decide,
};
use greenroom_proto::registry::v1::permission_service_client::PermissionServiceClient;
use greenroom_proto::registry::v1::{BatchCheckPermissionsRequest, CheckPermissionRequest};
use greenroom_tests::{Engine, Holder, Service, Town, bearing};
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tonic::transport::Channel;

type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How many callers ask at the same time, each over a connection of its own.
const CALLERS: usize = 16;
const LENGTH: Duration = Duration::from_secs(5);
/// How many streamers a batch asks about.
const BATCH: usize = 1_000;

/// Asks one question after the other; gives how long each took.
async fn ask(channel: Channel, token: String, streamer: String) -> Done<Vec<Duration>> {
    let mut permissions = PermissionServiceClient::new(channel);
    let (begun, mut times) = (Instant::now(), Vec::new());
    while begun.elapsed() < LENGTH {
        let asked = Instant::now();
        let request = CheckPermissionRequest { streamer: streamer.clone(), ..Default::default() };
        permissions.check_permission(bearing(&token, request)?).await?;
        times.push(asked.elapsed());
    }
    Ok(times)
}

async fn over_sockets() -> Done<()> {
    let town = Town::start_unheard(Engine::Sqlite).await;
    let operator = town.operator();
    let platform = operator.platform("acme").await?;
    let issuer = operator.issuer("academy").await?;
    let holder = Holder::new(1, "19900307", 3);
    issuer.import(std::slice::from_ref(&holder)).await?;
    let streamer = platform.welcome("mina", &holder).await?;
    let token = town.token(Service::Registry, &platform.credential).await?;
    let channel = || town.channel(Service::Registry);
    let callers = (0..CALLERS).map(|_| tokio::spawn(ask(channel(), token.clone(), streamer.clone())));
    let callers: Vec<_> = callers.collect();
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.await??);
    }
    times.sort_unstable();
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    let per_second = f64::from(u32::try_from(times.len())?) / LENGTH.as_secs_f64();
    println!(
        "CheckPermission, {CALLERS} callers: {per_second:.0} calls/s, p50 {:?}, p99 {:?}",
        at(50),
        at(99)
    );
    let streamers = vec![streamer; BATCH];
    let mut permissions = PermissionServiceClient::new(channel()).max_decoding_message_size(usize::MAX);
    let (begun, mut batches) = (Instant::now(), 0.0);
    while begun.elapsed() < LENGTH {
        let request = BatchCheckPermissionsRequest { streamers: streamers.clone(), ..Default::default() };
        permissions.batch_check_permissions(bearing(&token, request)?).await?;
        batches += 1.0;
    }
    let per_second = batches * 1_000.0 / begun.elapsed().as_secs_f64();
    println!("BatchCheckPermissions of {BATCH}, one caller: {per_second:.0} decisions/s");
    town.leave().await;
    Ok(())
}

#[tokio::main]
async fn main() -> Done<()> {
    Box::pin(over_sockets()).await?;
    alone()
}

/// One decision after the other, about somebody whom nothing bars.
fn alone() -> Done<()> {
    let now = Timestamp::from_micros(1_793_592_000_000_000);
    let later = now.plus(Duration::from_hours(24));
    let (standard, job_type) = (StandardId::try_new("marketer")?, JobType::try_new("live-salesperson")?);
    let enrolment = Enrolment { state: EnrolmentState::Enrolled, since: now };
    let identity = IdentityFact {
        state: PersonState::Verified,
        evidence_until: Some(later),
        age_band: AgeBand::Adult,
        ..IdentityFact::unknown(now)
    };
    let certificate = CertificateFact {
        certificate: CertificateId::try_new("c1")?,
        standard: standard.clone(),
        job_type,
        level: Level::Three,
        state: CertificateState::Verified,
        since: now,
        verified_at: Some(now),
        evidence_until: Some(later),
        retry_at: None,
        issuer_standing: Some(IssuerStanding::Listed),
        issuer_review: None,
    };
    let facts = Facts { certificates: vec![certificate], ..Facts::of(enrolment, identity, Arc::default()) };
    let demand = Demand::of_level([standard].into(), [job_type].into(), Level::Four);
    let policy = Policy::try_new(PolicyTerms::plain(OrganizationId::try_new("shop")?, demand, now));
    let policies = [policy.map_err(|faults| format!("{faults:?}"))?];
    let (question, freshness) = (Question::default(), Freshness::all_at(now));
    let (begun, mut made) = (Instant::now(), 0.0);
    while begun.elapsed() < LENGTH {
        for _ in 0..1_000 {
            let decision = decide(black_box(&facts), &question, &policies, &freshness, now);
            if black_box(decision).outcome != Outcome::Allow {
                return Err("the streamer may sell".into());
            }
        }
        made += 1_000.0;
    }
    println!("decide() alone, one thread: {:.0} decisions/s", made / begun.elapsed().as_secs_f64());
    Ok(())
}
