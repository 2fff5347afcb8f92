//! A replica that dies under load, without a word, and comes back.

use crate::fakes::Line;
use crate::town::{Replica, Town, codes, is_serving, sessions};
use greenroom_proto::registry::v1::*;
use greenroom_registry::start;
use greenroom_testkit::database::postgres;
use greenroom_testkit::eventually;
use std::sync::{Arc, Mutex};
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How many go in and out of grace at the same time, and how often.
const STREAMERS: usize = 6;
const ROUNDS: usize = 10;

/// A replica on threads of its own, so that it can be killed.
struct Mortal {
    replica: Replica,
    body: Runtime,
}

impl Mortal {
    async fn launch(town: &Town) -> Self {
        let shutdown = CancellationToken::new();
        let (config, clock, signal) = (town.config(), town.clock.shared(), shutdown.clone());
        let begin = move || {
            let body = Runtime::new().unwrap();
            let running = body.block_on(start(config, clock, signal)).unwrap();
            (body, running)
        };
        let (body, running) = tokio::task::spawn_blocking(begin).await.unwrap();
        let channel = greenroom_rpc::client::connect(&format!("http://{}", running.address)).unwrap();
        Self { replica: Replica { channel, running, shutdown }, body }
    }

    async fn serving(&self) {
        eventually("the replica is ready", async || is_serving(&self.replica).await.then_some(())).await;
    }

    /// Everything it was doing ends where it stands: nothing is drained, answered or rolled back in order.
    fn kill(self) {
        self.body.shutdown_background();
    }
}

/// Where the mortal replica is found, while there is one.
type Found = Mutex<Option<tonic::transport::Channel>>;

/// One streamer, revoked and verified again and again. Whoever answers has to know what was said before.
async fn in_and_out(
    town: &Town,
    name: &str,
    streamer: &str,
    steady: &Replica,
    found: &Found,
    done: &watch::Sender<usize>,
) {
    for round in 0..ROUNDS {
        let expected = if round % 2 == 0 { vec!["CERT_REVOKED"] } else { vec![] };
        let at_least_revision =
            if round % 2 == 0 { town.revoke(name) } else { town.verify(name, town.in_hours(1_000)) };
        let request =
            CheckPermissionRequest { streamer: streamer.to_owned(), at_least_revision, ..Default::default() };
        let told = town.check(steady, "shop", request.clone()).await.unwrap();
        assert_eq!(codes(&told), expected);
        let channel = found.lock().unwrap().clone();
        if let Some(channel) = channel {
            let mut mortal = permission_service_client::PermissionServiceClient::new(channel);
            // It may be dying.
            if let Ok(answer) = mortal.check_permission(town.call("shop", request)).await {
                assert_eq!(codes(&answer.into_inner().decision.unwrap()), expected);
            }
        }
        done.send_modify(|rounds| *rounds += 1);
    }
}

async fn everything_said(
    town: &Town,
    replica: &Replica,
    streamers: &[String],
) -> (Vec<Decision>, Vec<LiveSession>, Vec<Grant>) {
    let mut decisions = Vec::new();
    for streamer in streamers {
        town.hear(replica, streamer).await;
        decisions.push(town.check_now(replica, "shop", streamer).await);
    }
    let list = town.call("shop", ListLiveSessionsRequest::default());
    let sessions = sessions(replica).list_live_sessions(list).await.unwrap().into_inner().live_sessions;
    (decisions, sessions, town.grants(replica, ListGrantsRequest::default()).await.grants)
}

async fn a_killed_replica_comes_back_as_if_it_had_never_stopped(town: Town) {
    let steady = town.start().await;
    let mortal = Mortal::launch(&town).await;
    mortal.serving().await;
    let (mut names, mut streamers) = (Vec::new(), Vec::new());
    for number in 0..STREAMERS {
        let name = format!("streamer-{number}");
        streamers.push(town.certified(&steady, "shop", &name).await);
        names.push(name);
    }
    for streamer in &streamers {
        town.open(&steady, "shop", &[streamer]).await.unwrap();
        town.grant(&steady, streamer).await;
    }
    let found = Arc::new(Mutex::new(Some(mortal.replica.channel.clone())));
    let (done, mut rounds) = watch::channel(0);
    let load = names
        .iter()
        .zip(&streamers)
        .map(|(name, streamer)| in_and_out(&town, name, streamer, &steady, &found, &done));
    let fate = async {
        rounds.wait_for(|rounds| *rounds >= STREAMERS * 3).await.unwrap();
        mortal.kill();
        *found.lock().unwrap() = None;
        rounds.wait_for(|rounds| *rounds >= STREAMERS * 6).await.unwrap();
        let again = Mortal::launch(&town).await;
        again.serving().await;
        *found.lock().unwrap() = Some(again.replica.channel.clone());
        again
    };
    let ((), again) = tokio::join!(futures_of(load), fate);
    eventually("every grant holds again", async || {
        let grants = town.grants(&steady, ListGrantsRequest::default()).await.grants;
        grants.iter().all(|grant| grant.state() == GrantState::Granted).then_some(())
    })
    .await;
    let said = everything_said(&town, &steady, &streamers).await;
    assert_eq!(everything_said(&town, &again.replica, &streamers).await, said);
    assert!(said.0.iter().all(|decision| decision.outcome() == Outcome::Allow));
    again.kill();
    steady.stop().await;
    let report = greenroom_registry::verify(&town.config()).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}

/// All of them at once.
async fn futures_of(all: impl Iterator<Item = impl Future<Output = ()>>) {
    futures::future::join_all(all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_replica_on_one_sqlite_file_comes_back_as_if_it_had_never_stopped() {
    Box::pin(a_killed_replica_comes_back_as_if_it_had_never_stopped(Town::new().await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_replica_on_one_postgresql_database_comes_back_as_if_it_had_never_stopped() {
    Box::pin(a_killed_replica_comes_back_as_if_it_had_never_stopped(Town::on(postgres().await).await)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_has_not_caught_up_does_not_serve_and_allows_nobody() {
    let town = Town::new().await;
    let steady = town.start().await;
    let mina = town.certified(&steady, "shop", "mina").await;
    // Revoked while nobody can hear of it.
    town.others.certification.set(Line::Cut);
    town.revoke("mina");
    let late = Mortal::launch(&town).await;
    assert_eq!(town.check_now(&steady, "shop", &mina).await.outcome(), Outcome::Allow);
    assert!(!is_serving(&late.replica).await);
    let decision = town.check_now(&late.replica, "shop", &mina).await;
    assert_eq!(
        (decision.outcome(), codes(&decision)),
        (Outcome::Undetermined, vec!["EVIDENCE_SOURCE_UNAVAILABLE"; codes(&decision).len()])
    );
    town.others.certification.set(Line::Open);
    late.serving().await;
    assert_eq!(codes(&town.check_now(&late.replica, "shop", &mina).await), ["CERT_REVOKED"]);
    late.kill();
    steady.stop().await;
}
