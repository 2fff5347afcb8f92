//! The identity service: organizations, clients, tokens, persons.
//!
//! The only place of the suite where a name or a document number is stored, encrypted. [`start`] puts it together; a
//! request passes the layers of `greenroom-rpc`, is parsed in `rpc`, decided in `app`, and committed by the store.

mod access;
mod app;
mod attempts;
mod bootstrap;
mod config;
mod error;
mod files;
mod follow;
mod http;
mod masters;
mod patrol;
mod rotation;
mod rpc;
mod scopes;
mod secrets;
mod signing;
mod sources;
mod vault;
mod verify;
mod wire;

pub use access::access_entries;
pub use attempts::NoRandomness;
pub use bootstrap::BootstrapError;
pub use config::{Config, SigningAlgorithm};
pub use error::Error;
pub use rotation::{
    Begin, MasterKey, MasterState, Origin, Pace, Progress, Rotated, RotationError, forget_master,
    list_masters, rotate_master, stage_master,
};
pub use rpc::SERVICES;
pub use scopes::{roles_of as roles_of_scope, scope_catalogue};
pub use secrets::SecretsError;
pub use sources::ProofingSource;

use crate::app::{App, AssertionIds, Database, PutOff, Rules, Sandbox};
use crate::attempts::Attempts;
use crate::secrets::Secrets;
use crate::signing::{Keyring, Keyrings};
use crate::sources::sources;
use crate::vault::Vault;
use greenroom_auth::{
    AssertionVerifier, DEFAULT_CACHE_SIZE, Decoys, SigningFault, TableFault, TokenGate, Verifier,
};
use greenroom_domain::ledger::StoreError;
use greenroom_feed::log::EventLog as _;
use greenroom_feed::verify::Report;
use greenroom_identity_store_postgres::Store as PostgresStore;
use greenroom_identity_store_sqlite::Store as SqliteStore;
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::keys::Keys;
use greenroom_rpc::layers::access::Door;
use greenroom_rpc::server::{self, ListenError, Running, Terms};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// The audience of tokens for this service.
pub const AUDIENCE: &str = "greenroom-identity";

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A value of the configuration is out of bounds.
    #[error("the configuration is wrong: {0}")]
    Config(String),
    /// The URL names no engine this service knows.
    #[error("the database URL begins neither with `sqlite:` nor with `postgres:`")]
    UnknownDatabase,
    /// The database cannot be opened or read.
    #[error("cannot open the database: {}", .0.whole())]
    Store(#[from] StoreError),
    /// There are no keys.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The first start failed.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// The keys do not fit the database, or cannot be read.
    #[error("cannot read the signing keys: {0}")]
    Keys(Error),
    /// The keys that stand in for those of unknown clients cannot be made.
    #[error("cannot make the keys that stand in for those of unknown clients: {0}")]
    Decoys(#[from] SigningFault),
    /// Failed authentications cannot be counted.
    #[error(transparent)]
    Attempts(#[from] NoRandomness),
    /// The access table is wrong.
    #[error(transparent)]
    Access(#[from] TableFault),
    /// Nothing can be listened on.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The listener's address cannot be told.
    #[error("cannot tell the listener's address: {0}")]
    Address(std::io::Error),
    /// The contract cannot be shown by reflection.
    #[error(transparent)]
    Reflection(#[from] tonic_reflection::server::Error),
}

/// Starts the service: opens its database, makes what a first start needs, and listens.
///
/// Returns as soon as it serves. It ends with `shutdown`, after calls under way had time to end.
pub async fn start(
    config: Config,
    clock: SharedClock,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    config.check().map_err(StartError::Config)?;
    if config.database_url.starts_with("sqlite:") {
        run(SqliteStore::open(&config.database_url).await?, config, clock, shutdown).await
    } else if is_postgres(&config.database_url) {
        run(PostgresStore::open(&config.database_url).await?, config, clock, shutdown).await
    } else {
        Err(StartError::UnknownDatabase)
    }
}

/// Walks the hash chain of the database and holds its tables against the log. Stop the service before.
pub async fn verify(config: &Config) -> Result<Report, StartError> {
    if config.database_url.starts_with("sqlite:") {
        let store = SqliteStore::open(&config.database_url).await?;
        Ok(verify::verify_store(&store, &open_vault(&store, config).await?).await?)
    } else if is_postgres(&config.database_url) {
        let store = PostgresStore::open(&config.database_url).await?;
        Ok(verify::verify_store(&store, &open_vault(&store, config).await?).await?)
    } else {
        Err(StartError::UnknownDatabase)
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

async fn open_vault<S: Database>(store: &S, config: &Config) -> Result<Vault, StartError> {
    let used = store.log().head().await?.sequence > 0;
    let database = if used { secrets::Database::InUse } else { secrets::Database::New };
    let secrets = Secrets::open(&config.keys_file, database)?;
    Vault::of_file(&config.keys_file, &secrets).map_err(|fault| StartError::Keys(fault.into()))
}

async fn run<S: Database>(
    store: S,
    config: Config,
    clock: SharedClock,
    shutdown: CancellationToken,
) -> Result<Running, StartError> {
    let app = Arc::new(assemble(store.clone(), &config, clock).await?);
    let after = follow::catch_up(&app).await?;
    let door = Arc::new(Door {
        table: access::access_table()?,
        gate: Arc::clone(&app.gate),
        keys: Keys::Local(app.keyrings.watch_published()),
        clock: Arc::clone(&app.clock),
    });
    let (router, health) =
        server::assemble(rpc::routes(&app, &shutdown), http::routes(&app), SERVICES, door).await?;
    let terms = Terms {
        plaintext: config.plaintext(),
        tls: config.tls.as_ref(),
        max_connections_per_address: config.max_connections_per_address,
    };
    let listener = server::listen(config.listen, terms).await?;
    let address = listener.local_addr().map_err(StartError::Address)?;
    let written = Arc::new(Notify::new());
    tokio::spawn(follow::follow(Arc::clone(&app), after, Arc::clone(&written), shutdown.clone()));
    tokio::spawn(patrol::patrol(Arc::clone(&app), written, shutdown.clone()));
    tokio::spawn(follow::tidy(Arc::clone(&app), shutdown.clone()));
    tokio::spawn(patrol::look_after_sources(Arc::clone(&app), shutdown.clone()));
    server::report_serving(&health, SERVICES).await;
    let (ending, told, asking) = (shutdown.clone(), health.clone(), Arc::clone(&app));
    tokio::spawn(async move {
        ending.cancelled().await;
        asking.sources.stop();
        server::report_not_serving(&told, SERVICES).await;
    });
    tracing::info!(%address, "the identity service is listening");
    let join = tokio::spawn(async move {
        let ended = server::serve(listener, router, shutdown).await;
        app.sources.finish().await;
        store.close().await;
        ended
    });
    Ok(Running { address, health, join })
}

async fn assemble<S: Database>(store: S, config: &Config, clock: SharedClock) -> Result<App<S>, StartError> {
    let vault = open_vault(&store, config).await?;
    let now = clock.now();
    bootstrap::bootstrap(&store, &vault, config, now).await?;
    let records = store.signing_keys().await?;
    let keyring = Keyring::open(&vault, &records, now).map_err(StartError::Keys)?;
    let verifier = Verifier::new(&config.issuer, AUDIENCE);
    let assertion_ids = AssertionIds::begin(store.clone());
    Ok(App {
        sources: sources(config, &clock).map_err(StartError::Config)?,
        store,
        vault,
        clock,
        keyrings: Keyrings::new(keyring),
        gate: Arc::new(TokenGate::new(verifier, DEFAULT_CACHE_SIZE)),
        assertions: AssertionVerifier::new(&config.issuer, config.token_endpoint(), Decoys::generate()?),
        assertion_ids,
        issued: Verifier::for_any_of(&config.issuer, scopes::AUDIENCES),
        attempts: Attempts::begin()?,
        put_off: PutOff::default(),
        rules: Rules {
            issuer: config.issuer.clone(),
            token_endpoint: config.token_endpoint(),
            token_lifetime: config.token_lifetime(),
            proofing_validity: config.proofing_validity(),
            sandbox: if config.allow_sandbox_source { Sandbox::Allowed } else { Sandbox::Refused },
            signing: config.signing_rules(),
            certificates: config.certificates(),
        },
    })
}
