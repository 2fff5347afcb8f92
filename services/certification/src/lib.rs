//! The certification service: occupational standards, issuers, certificates and the dated evidence that each was
//! verified, and the import of certificate rolls.
//!
//! [`start`] puts it together. A request comes in through `rpc`, is decided in `app` by the rules of
//! `greenroom_domain::certification`, and is committed by the store with its events.

mod access;
mod app;
mod asking;
mod calendar;
mod config;
mod domains;
mod error;
mod follow;
mod identity;
mod keys;
mod lapses;
mod patrol;
mod roll;
mod rpc;
pub mod sample;
mod sources;
mod standards;
mod sweep;
mod tell;
mod verify;
mod wire;

pub use access::{access_entries, access_table};
pub use config::Config;
pub use sources::{CertificateSource, SourceKind};

use app::{App, Terms};
use calendar::WorkingDays;
use greenroom_auth::{DEFAULT_CACHE_SIZE, RefreshRules, TokenGate, Verifier};
use greenroom_domain::certification::port::Store;
use greenroom_domain::certification::{Calendar, PublicationLag};
use greenroom_domain::ledger::StoreError;
use greenroom_feed::log::HasLog;
use greenroom_feed::verify::Report;
use greenroom_rpc::client::{Authenticated, ConnectError, Tokens, connect_with};
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::follow::{Following, Progress};
use greenroom_rpc::keys::{Keys, RemoteKeys};
use greenroom_rpc::layers::access::Door;
use greenroom_rpc::server::{self, Plaintext, Running};
use identity::Identity;
use rpc::{Rpc, SERVICES};
use standards::Standards;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic_health::server::HealthReporter;

/// The audience of the tokens this service accepts.
pub const AUDIENCE: &str = "greenroom-certification";

/// The audience of the tokens this service shows to the identity service.
const IDENTITY_AUDIENCE: &str = "greenroom-identity";

/// Between two looks at whether the keys have come; fetching them is limited elsewhere.
const KEYS_PAUSE: Duration = Duration::from_millis(100);

/// Why the service did not start, in one line with what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A value of the configuration is out of bounds.
    #[error("the configuration is not accepted: {0}")]
    Config(String),
    /// The database URL names no engine this service has.
    #[error("`database_url` must begin with `sqlite:` or `postgres:`")]
    Engine,
    /// The database cannot be opened.
    #[error("cannot open the database: {}", cause(error))]
    Store {
        /// Why.
        error: StoreError,
    },
    /// A standard's file cannot be used.
    #[error(transparent)]
    Standards(#[from] standards::StandardsError),
    /// A calendar's file cannot be used.
    #[error(transparent)]
    Calendar(#[from] calendar::CalendarError),
    /// The file of qualification domains cannot be used.
    #[error(transparent)]
    Domains(#[from] domains::DomainsError),
    /// The key of request fingerprints cannot be had.
    #[error(transparent)]
    Keys(#[from] keys::KeysError),
    /// This service has no credential yet.
    #[error("{0}; the identity service writes this file on its first start: start that first")]
    Credential(#[from] greenroom_rpc::credential::CredentialError),
    /// There is no way to the identity service.
    #[error("cannot connect to `identity_url`: {0}")]
    IdentityUrl(ConnectError),
    /// The access table is wrong.
    #[error(transparent)]
    Access(#[from] greenroom_auth::TableFault),
    /// The contract for reflection cannot be read.
    #[error("cannot serve reflection: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The address cannot be listened on.
    #[error(transparent)]
    Listen(#[from] server::ListenError),
    /// The address of the listener cannot be told.
    #[error("cannot tell the listener's address: {0}")]
    Address(std::io::Error),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Store { error }
    }
}

/// What the engine says, if it said something: the store's own sentence tells an operator too little.
fn cause(error: &StoreError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// Starts the service: opens its database, connects to the identity service as soon as that is there, and listens.
pub async fn start(
    config: Config,
    clock: SharedClock,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    config.check().map_err(StartError::Config)?;
    match config.database_url.split_once(':') {
        Some(("sqlite", _)) => {
            let store = greenroom_certification_store_sqlite::Store::open(&config.database_url).await?;
            let opened = store.clone();
            Box::pin(launch(config, store, clock, shutdown, async move { opened.close().await })).await
        }
        Some(("postgres" | "postgresql", _)) => {
            let store = greenroom_certification_store_postgres::Store::open(&config.database_url).await?;
            let opened = store.clone();
            Box::pin(launch(config, store, clock, shutdown, async move { opened.close().await })).await
        }
        _ => Err(StartError::Engine),
    }
}

/// Verifies the database of a configuration. Run it while the service does not.
pub async fn verify(config: &Config) -> Result<Report, StartError> {
    match config.database_url.split_once(':') {
        Some(("sqlite", _)) => {
            let store = greenroom_certification_store_sqlite::Store::open(&config.database_url).await?;
            Ok(verify::verify(&store).await?)
        }
        Some(("postgres" | "postgresql", _)) => {
            let store = greenroom_certification_store_postgres::Store::open(&config.database_url).await?;
            Ok(verify::verify(&store).await?)
        }
        _ => Err(StartError::Engine),
    }
}

async fn launch<S: Store + HasLog>(
    config: Config,
    store: S,
    clock: SharedClock,
    shutdown: CancellationToken,
    close: impl Future<Output = ()> + Send + 'static,
) -> Result<Running, StartError> {
    let standards = Standards::load(config.standards_dir.as_deref())?;
    let days = WorkingDays::load(config.calendar_dir.as_deref())?;
    days.warn_of(clock.now().beijing_date().year());
    let identity = connect_with(&config.identity_url, config.client_tls.as_ref());
    let identity = identity.map_err(StartError::IdentityUrl)?;
    let authenticated = authenticated(&config, &identity, &clock)?;
    sweep::once(&store, &clock).await?;
    tell::new_standards(&store, &standards, &clock).await?;
    let swept = store.clone();
    let app = Arc::new(app(&config, store, standards, days, authenticated.clone(), &clock)?);
    let (patrolled, asked) = (Arc::clone(&app), Arc::clone(&app));
    let gate = Arc::new(TokenGate::new(Verifier::new(&config.issuer, AUDIENCE), DEFAULT_CACHE_SIZE));
    let keys = RemoteKeys::new(identity, RefreshRules::default(), Arc::clone(&clock));
    let door = Arc::new(Door {
        table: access_table()?,
        gate: Arc::clone(&gate),
        keys: Keys::Remote(keys.clone()),
        clock: Arc::clone(&clock),
    });
    let lapsing = lapses::patrol(Arc::clone(&app), shutdown.clone());
    let routes = Rpc::new(app, shutdown.clone()).routes();
    let (router, reporter) = server::assemble(routes, axum::Router::new(), SERVICES, door).await?;
    let listener = listener(&config).await?;
    let address = listener.local_addr().map_err(StartError::Address)?;
    let progress = Progress::new();
    let health = reporter.clone();
    asking::begin(&asked, &shutdown);
    let beside = Beside {
        app: patrolled,
        store: swept,
        identity: authenticated,
        gate,
        keys,
        progress,
        reporter,
        clock,
    };
    let join = tokio::spawn(async move {
        let running = beside.run(shutdown.clone());
        let served = server::serve(listener, router, shutdown.clone());
        let (served, (), ()) = tokio::join!(
            async {
                let served = served.await;
                shutdown.cancel();
                served
            },
            running,
            lapsing
        );
        asked.sources.finish().await;
        close.await;
        served
    });
    tracing::info!(%address, "the certification service listens");
    Ok(Running { address, health, join })
}

async fn listener(config: &Config) -> Result<server::Listener, StartError> {
    let terms = server::Terms {
        plaintext: if config.allow_plaintext { Plaintext::Anywhere } else { Plaintext::LoopbackOnly },
        tls: config.tls.as_ref(),
        max_connections_per_address: config.max_connections_per_address,
    };
    Ok(server::listen(config.listen, terms).await?)
}

/// The use cases with all they rest on.
fn app<S>(
    config: &Config,
    store: S,
    standards: Standards,
    days: WorkingDays,
    identity: Authenticated,
    clock: &SharedClock,
) -> Result<App<S>, StartError> {
    Ok(App {
        store,
        standards: Arc::new(standards),
        domains: Arc::new(domains::Domains::load()?),
        filed: Arc::default(),
        identity: Identity::new(identity),
        sources: Arc::new(sources::sources(config, clock).map_err(StartError::Config)?),
        working_years: Arc::new(days.years),
        clock: Arc::clone(clock),
        terms: terms(config, days.calendar),
        key: Arc::new(keys::read_or_make(&config.keys_file)?),
        numbering: Arc::default(),
    })
}

/// What the operator decided.
fn terms(config: &Config, calendar: Calendar) -> Terms {
    let lag = config.publication_lag_working_days;
    Terms {
        evidence_validity: config.evidence_validity(),
        publication_lag: PublicationLag::new(Arc::new(calendar), lag),
        recheck_attempts: config.recheck_attempts,
        plan_validity: config.plan_validity(),
        roll_withdrawal_percent: config.roll_withdrawal_percent,
        roll_second_approver: config.roll_second_approver,
        allow_sandbox_source: config.allow_sandbox_source,
        strike_off_review: config.strike_off_review(),
        qualification_recheck: config.qualification_recheck(),
    }
}

fn authenticated(
    config: &Config,
    identity: &Channel,
    clock: &SharedClock,
) -> Result<Authenticated, StartError> {
    let credential = Arc::new(greenroom_rpc::credential::read(&config.credential_file)?);
    let tokens = Tokens::new(identity.clone(), credential, IDENTITY_AUDIENCE, Arc::clone(clock));
    Ok(Authenticated::new(identity.clone(), tokens))
}

/// What runs beside the listener.
struct Beside<S> {
    app: Arc<App<S>>,
    store: S,
    identity: Authenticated,
    gate: Arc<TokenGate>,
    keys: RemoteKeys,
    progress: Progress,
    reporter: HealthReporter,
    clock: SharedClock,
}

impl<S: Store + HasLog> Beside<S> {
    async fn run(self, shutdown: CancellationToken) {
        let following = follow::follow(
            self.identity.clone(),
            follow::Doors { gate: Arc::clone(&self.gate), keys: self.keys.clone() },
            self.progress.clone(),
            Arc::clone(&self.clock),
            shutdown.clone(),
        );
        tokio::select! {
            () = async {
                let swept = sweep::hourly(&self.store, &self.clock);
                let walked = patrol::patrol(Arc::clone(&self.app));
                tokio::join!(following, self.keys.keep_fresh(), self.prune(), swept, walked, self.report());
            } => {}
            () = shutdown.cancelled() => {}
        }
        server::report_not_serving(&self.reporter, SERVICES).await;
    }

    /// Reports that the service serves once its keys are known and every revocation so far is.
    async fn report(&self) {
        let mut state = self.progress.watch();
        let live = state.wait_for(|state| *state == Following::Live).await.is_ok();
        let keys = Keys::Remote(self.keys.clone());
        while live && keys.current().is_none() {
            keys.refresh().await;
            tokio::time::sleep(KEYS_PAUSE).await;
        }
        server::report_serving(&self.reporter, SERVICES).await;
        let halted = |state: &Following| matches!(state, Following::Halted(_));
        if state.wait_for(halted).await.is_ok() {
            server::report_not_serving(&self.reporter, SERVICES).await;
        }
    }

    async fn prune(&self) {
        loop {
            self.clock.sleep_until(self.clock.now().plus(Duration::from_mins(1))).await;
            self.gate.prune(self.clock.now());
        }
    }
}
