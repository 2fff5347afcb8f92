//! Puts the service together and starts it.

use crate::app::{App, Feeds, REPLAYS, Trials};
use crate::config::Config;
use crate::follow::{CERTIFICATION, Follower, IDENTITY};
use crate::memory::{Memory, load};
use crate::patrol::Patrol;
use crate::patrol::grants::GrantPatrol;
use crate::rpc::{SERVICES, routes};
use crate::violations::{CatalogueError, Violations};
use crate::{AUDIENCE, access_entries};
use greenroom_auth::{AccessTable, DEFAULT_CACHE_SIZE, RefreshRules, TableFault, TokenGate, Verifier};
use greenroom_domain::ledger::StoreError;
use greenroom_domain::registry::port::Store;
use greenroom_feed::log::HasLog;
use greenroom_proto::identity::v1::person_service_client::PersonServiceClient;
use greenroom_registry_store_postgres::Store as PostgresStore;
use greenroom_registry_store_sqlite::Store as SqliteStore;
use greenroom_rpc::client::{Authenticated, ConnectError, Tokens, connect_with};
use greenroom_rpc::clock::{SharedClock, now_of};
use greenroom_rpc::credential::{self, CredentialError};
use greenroom_rpc::follow::{Following, Progress};
use greenroom_rpc::keys::{Keys, RemoteKeys};
use greenroom_rpc::layers::access::Door;
use greenroom_rpc::server::{
    ListenError, Plaintext, Running, Terms, assemble, listen, report_not_serving, report_serving, serve,
};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::transport::Channel;
use tonic_health::server::HealthReporter;

/// How often tokens and revocations that no longer matter are dropped.
const PRUNE: Duration = Duration::from_mins(1);

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A value of the configuration is out of bounds.
    #[error("the configuration is wrong: {0}")]
    Config(String),
    /// The address of the database is not one.
    #[error("`database_url` must begin with `sqlite:` or `postgres:`")]
    DatabaseUrl,
    /// The database cannot be opened or read.
    #[error("cannot open the database: {}", .0.whole())]
    Store(#[from] StoreError),
    /// The credential cannot be read.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The legal rules that are built in cannot be read.
    #[error("the legal rules cannot be read: {0}")]
    Rules(String),
    /// There is no way to another service.
    #[error("cannot connect to `{url}`: {cause}")]
    Address {
        /// The address.
        url: String,
        /// What is wrong with it, or with the certificates.
        cause: ConnectError,
    },
    /// The listener cannot be opened.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The contract built into this program is damaged.
    #[error("the built-in contract is damaged: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The catalogue of violations is wrong.
    #[error(transparent)]
    Violations(#[from] CatalogueError),
    /// The access table is wrong.
    #[error(transparent)]
    Access(#[from] TableFault),
}

/// Starts the service. It stops when `shutdown` is cancelled: calls under way have ten seconds to end.
pub async fn start(
    config: Config,
    clock: SharedClock,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    config.check().map_err(StartError::Config)?;
    if is_sqlite(&config.database_url)? {
        let store = SqliteStore::open(&config.database_url).await?;
        let open = store.clone();
        return launch(store, config, clock, shutdown, async move { open.close().await }).await;
    }
    let store = PostgresStore::open(&config.database_url).await?;
    let open = store.clone();
    launch(store, config, clock, shutdown, async move { open.close().await }).await
}

/// Which engine an address names.
pub fn is_sqlite(url: &str) -> Result<bool, StartError> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(true),
        Some(("postgres" | "postgresql", _)) => Ok(false),
        _ => Err(StartError::DatabaseUrl),
    }
}

/// The other services, as this one reaches them.
struct Others {
    keys: RemoteKeys,
    identity: Authenticated,
    certification: Authenticated,
}

impl Others {
    fn new(config: &Config, clock: &SharedClock) -> Result<Self, StartError> {
        let credential = Arc::new(credential::read(&config.credential_file)?);
        let identity = channel(&config.identity_url, config)?;
        let certification = channel(&config.certification_url, config)?;
        let tokens =
            |audience| Tokens::new(identity.clone(), Arc::clone(&credential), audience, Arc::clone(clock));
        Ok(Self {
            keys: RemoteKeys::new(identity.clone(), RefreshRules::default(), Arc::clone(clock)),
            certification: Authenticated::new(certification, tokens("greenroom-certification")),
            identity: Authenticated::new(identity.clone(), tokens("greenroom-identity")),
        })
    }
}

fn channel(url: &str, config: &Config) -> Result<Channel, StartError> {
    let channel = connect_with(url, config.client_tls.as_ref());
    channel.map_err(|cause| StartError::Address { url: url.to_owned(), cause })
}

async fn launch<S: Store + HasLog>(
    store: S,
    config: Config,
    clock: SharedClock,
    shutdown: CancellationToken,
    close: impl Future<Output = ()> + Send + 'static,
) -> Result<Running, StartError> {
    let rules = Arc::new(crate::rules::built_in().map_err(|faults| StartError::Rules(faults.join("; ")))?);
    let others = Others::new(&config, &clock)?;
    let gate = Arc::new(TokenGate::new(Verifier::new(&config.issuer, AUDIENCE), DEFAULT_CACHE_SIZE));
    let memory = Arc::new(load(&store, Arc::clone(&gate), rules).await?);
    let app = Arc::new(App {
        store,
        memory,
        clock: Arc::clone(&clock),
        feeds: Feeds::default(),
        persons: PersonServiceClient::new(others.identity.clone()),
        lease: config.lease(),
        trials: Trials::since(clock.now()),
        replays: Semaphore::new(REPLAYS),
        violations: Violations::load()?,
    });
    let door = Arc::new(Door {
        table: AccessTable::try_new(access_entries())?,
        gate: Arc::clone(&gate),
        keys: Keys::Remote(others.keys.clone()),
        clock,
    });
    let routes = routes(Arc::clone(&app), shutdown.clone());
    let (router, health) = assemble(routes, axum::Router::new(), SERVICES, door).await?;
    let terms = Terms {
        plaintext: if config.allow_plaintext { Plaintext::Anywhere } else { Plaintext::LoopbackOnly },
        tls: config.tls.as_ref(),
        max_connections_per_address: config.max_connections_per_address,
    };
    let listener = listen(config.listen, terms).await?;
    let address = listener.local_addr().map_err(|error| ListenError::Other(config.listen, error))?;
    let tasks = background(&app, others, gate, health.clone(), &shutdown);
    let join = tokio::spawn(async move {
        let served = serve(listener, router, shutdown.clone()).await;
        shutdown.cancel();
        tasks.wait().await;
        close.await;
        served
    });
    tracing::info!(%address, "the registry listens");
    Ok(Running { address, health, join })
}

/// Everything that runs beside the calls. All of it ends with `shutdown`.
fn background<S: Store + HasLog>(
    app: &Arc<App<S>>,
    others: Others,
    gate: Arc<TokenGate>,
    health: HealthReporter,
    shutdown: &CancellationToken,
) -> TaskTracker {
    let tasks = TaskTracker::new();
    let follower = |source, progress: &Progress| Follower {
        store: app.store.clone(),
        memory: Arc::clone(&app.memory),
        clock: Arc::clone(&app.clock),
        source,
        progress: progress.clone(),
    };
    let identity = follower(IDENTITY, &app.feeds.identity);
    tasks.spawn(identity.identity(others.identity, others.keys.clone(), shutdown.clone()));
    let certification = follower(CERTIFICATION, &app.feeds.certification);
    tasks.spawn(certification.certification(others.certification, shutdown.clone()));
    tasks.spawn(Patrol::new(Arc::clone(app)).run(shutdown.clone()));
    tasks.spawn(GrantPatrol::new(Arc::clone(app)).run(shutdown.clone()));
    let (memory, log, now) = (Arc::clone(&app.memory), app.store.log().clone(), now_of(&app.clock));
    until(&tasks, shutdown, async move { Memory::keep_up(&memory, &log, now).await });
    let overriding = Arc::clone(app);
    until(&tasks, shutdown, async move { overriding.close_overrides().await });
    let keys = others.keys;
    until(&tasks, shutdown, async move { keys.keep_fresh().await });
    let clock = Arc::clone(&app.clock);
    until(&tasks, shutdown, async move {
        loop {
            clock.sleep_until(clock.now().plus(PRUNE)).await;
            gate.prune(clock.now());
        }
    });
    let (feeds, memory) = (app.feeds.clone(), Arc::clone(&app.memory));
    until(&tasks, shutdown, async move { tell_health(&feeds, &memory, &health).await });
    tasks.close();
    tasks
}

fn until(tasks: &TaskTracker, shutdown: &CancellationToken, task: impl Future<Output = ()> + Send + 'static) {
    tasks.spawn(shutdown.clone().run_until_cancelled_owned(task));
}

/// Ready once both feeds have been heard, and the registry's own. Later the service keeps answering when one goes away, with the truth that it
/// does not know; only a feed that cannot be followed any more takes it out of service.
async fn tell_health(feeds: &Feeds, memory: &Memory, health: &HealthReporter) {
    let mut followed = [feeds.identity.watch(), feeds.certification.watch()];
    for feed in &mut followed {
        if feed.wait_for(|state| *state == Following::Live).await.is_err() {
            return;
        }
    }
    memory.caught_up().await;
    report_serving(health, SERVICES).await;
    let [identity, certification] = &mut followed;
    let halted = |state: &Following| matches!(state, Following::Halted(_));
    tokio::select! {
        _ = identity.wait_for(halted) => {}
        _ = certification.wait_for(halted) => {}
    }
    report_not_serving(health, SERVICES).await;
}
