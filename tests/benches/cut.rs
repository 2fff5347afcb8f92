//! How long it takes until a platform hears of a cut: from the call that revokes a certificate, through the certification
//! service's feed, the registry's memory, its patrol and its watches, to the message that says who must leave.
//!
//! `cargo bench -p greenroom-tests --bench cut` starts the three services on loopback and prints a table: on SQLite, and on
//! PostgreSQL where `GREENROOM_TEST_POSTGRES_URL` names a server. `-- 20` behind it says how many cuts. Every commit is on
//! disk before it is answered. The watchers live in this process, too: their time is in the numbers.
#![expect(clippy::print_stdout, reason = "its table is what it is for")]

use futures::future::try_join_all;
use greenroom_proto::certification::v1 as certification;
use greenroom_proto::certification::v1::certificate_service_client::CertificateServiceClient;
use greenroom_proto::registry::v1::live_session_service_client::LiveSessionServiceClient;
use greenroom_proto::registry::v1::{
    LiveSessionEventType, WatchLiveSessionsRequest, WatchLiveSessionsResponse,
};
use greenroom_testkit::database::POSTGRES_URL;
use greenroom_tests::{Engine, Holder, Issuer, Platform, Service, Town, bearing, request_id};
use std::collections::BTreeSet;
use std::error::Error;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tonic::transport::Channel;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How many watch in all.
const WATCHERS: usize = 1_000;
/// How many of them share a connection.
const SHARING: usize = 5;
/// How many platforms they belong to where they do not all belong to one.
const PLATFORMS: usize = 20;
/// How many cuts are measured, one after the other.
const CUTS: usize = 200;
/// How many sessions one revocation cuts at once.
const TOGETHER: usize = 20;
/// How long a cut may take before the measurement gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A cut as one watcher heard of it.
struct Heard {
    session: String,
    at: Instant,
}

/// What is counted of a platform's watchers: how many there are, and what they hear.
struct Audience {
    watchers: usize,
    heard: mpsc::UnboundedReceiver<Heard>,
}

impl Audience {
    /// `watchers` of a platform, each with a stream of its own.
    async fn gather(town: &Town, platform: &Platform<'_>, watchers: usize) -> Outcome<Self> {
        let token = town.token(Service::Registry, &platform.credential).await?;
        let (sender, heard) = mpsc::unbounded_channel();
        let mut shared = Vec::new();
        for number in 0..watchers {
            if number % SHARING == 0 {
                shared.push(town.channel(Service::Registry));
            }
            let Some(channel) = shared.last() else { continue };
            let stream = watch(channel.clone(), &token).await?;
            tokio::spawn(listen(stream, sender.clone()));
        }
        Ok(Self { watchers, heard })
    }

    /// When the first and when the last watcher had heard of the last of these sessions.
    async fn hears(&mut self, sessions: &BTreeSet<String>) -> Outcome<(Instant, Instant)> {
        let mut times = Vec::new();
        while times.len() < self.watchers * sessions.len() {
            let heard = tokio::time::timeout(PATIENCE, self.heard.recv()).await?.ok_or("nobody listens")?;
            if sessions.contains(&heard.session) {
                times.push(heard.at);
            }
        }
        // Each stream keeps the order, so the first to have heard all is no later than this.
        times.sort_unstable();
        let first = times.get(sessions.len() - 1).ok_or("no time")?;
        Ok((*first, *times.last().ok_or("no time")?))
    }
}

async fn watch(channel: Channel, token: &str) -> Outcome<tonic::Streaming<WatchLiveSessionsResponse>> {
    let request = bearing(token, WatchLiveSessionsRequest::default())?;
    let answer = LiveSessionServiceClient::new(channel).watch_live_sessions(request).await?;
    let mut stream = answer.into_inner();
    // The first heartbeat: from here on nothing is missed.
    stream.message().await?;
    Ok(stream)
}

async fn listen(
    mut stream: tonic::Streaming<WatchLiveSessionsResponse>,
    sender: mpsc::UnboundedSender<Heard>,
) {
    while let Ok(Some(message)) = stream.message().await {
        let at = Instant::now();
        for event in message.events {
            if event.r#type() == LiveSessionEventType::MarketerCut {
                let session = event.live_session.unwrap_or_default().name;
                drop(sender.send(Heard { session, at }));
            }
        }
    }
}

/// A marketer with a certificate.
struct Marketer {
    streamer: String,
    certificate: certification::Certificate,
}

/// Who may be cut: all in one roll, so that the certification service is as full as it will be.
async fn marketers(issuer: &Issuer<'_>, platform: &Platform<'_>, cuts: usize) -> Outcome<Vec<Marketer>> {
    let serials = 1..cuts + 2;
    let holders = serials.map(|serial| Ok(Holder::new(u32::try_from(serial)?, "19900307", 3)));
    let holders = holders.collect::<Outcome<Vec<_>>>()?;
    issuer.import(&holders).await?;
    let mut marketers = Vec::new();
    for holder in &holders {
        let streamer = platform.welcome(&holder.certificate_number, holder).await?;
        let certificate = issuer.certificate(&holder.certificate_number).await?;
        marketers.push(Marketer { streamer, certificate });
    }
    Ok(marketers)
}

/// Goes live in so many rooms at once.
async fn on_air(platform: &Platform<'_>, marketer: &Marketer, rooms: usize) -> Outcome<BTreeSet<String>> {
    let rooms: Vec<String> = (0..rooms).map(|room| format!("room-{room}")).collect();
    let cast = [marketer.streamer.as_str()];
    let opened = try_join_all(rooms.iter().map(|room| platform.go_live(room, &cast))).await?;
    Ok(opened.into_iter().filter_map(|opened| Some(opened.live_session?.name)).collect())
}

/// One revocation, from the call to the cuts.
struct Cut {
    /// Until the revocation was answered: it was committed before.
    answered: Duration,
    /// Until one watcher had heard of every session cut.
    first: Duration,
    /// Until all of them had.
    last: Duration,
}

async fn cut(
    issuer: &Issuer<'_>,
    platform: &Platform<'_>,
    marketer: &Marketer,
    rooms: usize,
    audience: &mut Audience,
) -> Outcome<Cut> {
    let sessions = on_air(platform, marketer, rooms).await?;
    let request = certification::RevokeCertificateRequest {
        name: marketer.certificate.name.clone(),
        revocation: Some(certification::Revocation {
            reason: certification::RevocationReason::Cheating.into(),
            explanation: "the assessment was taken by somebody else".to_owned(),
            legal_basis: "the issuer's assessment rules".to_owned(),
            ..Default::default()
        }),
        request_id: request_id(),
        ..Default::default()
    };
    let mut certificates = CertificateServiceClient::new(issuer.to(Service::Certification));
    let begun = Instant::now();
    let call = async {
        certificates.revoke_certificate(request).await?;
        Outcome::Ok(begun.elapsed())
    };
    let (answered, heard) = tokio::join!(call, audience.hears(&sessions));
    let (first, last) = heard?;
    Ok(Cut { answered: answered?, first: first - begun, last: last - begun })
}

fn tell(what: &str, times: impl Iterator<Item = Duration>) {
    let mut times: Vec<f64> = times.map(|time| time.as_secs_f64() * 1_000.0).collect();
    times.sort_unstable_by(f64::total_cmp);
    let at = |percent: usize| times.get((times.len() * percent / 100).min(times.len() - 1)).copied();
    if let (Some(half), Some(most), Some(worst)) = (at(50), at(99), times.last()) {
        println!("  {what:<44} p50 {half:>7.1} ms   p99 {most:>7.1} ms   max {worst:>7.1} ms");
    }
}

/// Cuts with this many watchers of the platform concerned, and the others on other platforms.
async fn measure(engine: Engine, concerned: usize, cuts: usize) -> Outcome<()> {
    let town = Town::start_unheard(engine).await;
    let operator = town.operator();
    let platform = operator.platform("acme").await?;
    let issuer = operator.issuer("academy").await?;
    let marketers = marketers(&issuer, &platform, cuts).await?;
    let mut audience = Audience::gather(&town, &platform, concerned).await?;
    let mut others = Vec::new();
    for number in 1..PLATFORMS {
        let watchers = (WATCHERS - concerned) / (PLATFORMS - 1);
        let other = operator.platform(&format!("other-{number}")).await?;
        others.push(Audience::gather(&town, &other, watchers).await?);
    }
    let total = concerned + others.iter().map(|audience| audience.watchers).sum::<usize>();
    println!("{engine:?}, {total} watchers, {concerned} of them of the platform concerned");
    let (many, each) = marketers.split_last().ok_or("nobody to cut")?;
    let mut cuts = Vec::new();
    for marketer in each {
        cuts.push(cut(&issuer, &platform, marketer, 1, &mut audience).await?);
    }
    tell("revocation called until answered", cuts.iter().map(|cut| cut.answered));
    tell("revocation called until heard by one", cuts.iter().map(|cut| cut.first));
    tell("revocation called until heard by all concerned", cuts.iter().map(|cut| cut.last));
    tell(
        "revocation answered until heard by one",
        cuts.iter().map(|cut| cut.first.saturating_sub(cut.answered)),
    );
    let many = cut(&issuer, &platform, many, TOGETHER, &mut audience).await?;
    tell(&format!("{TOGETHER} sessions cut at once, heard by one"), std::iter::once(many.first));
    tell(&format!("{TOGETHER} sessions cut at once, heard by all"), std::iter::once(many.last));
    drop(audience);
    drop(others);
    town.leave().await;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "where PostgreSQL is, only the environment says")]
fn main() -> Outcome<()> {
    let cuts = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(CUTS);
    let mut engines = vec![Engine::Sqlite];
    engines.extend(std::env::var_os(POSTGRES_URL).map(|_| Engine::Postgres));
    tokio::runtime::Runtime::new()?.block_on(async {
        for engine in engines {
            for concerned in [WATCHERS / PLATFORMS, WATCHERS] {
                Box::pin(measure(engine, concerned, cuts)).await?;
            }
        }
        Ok(())
    })
}
