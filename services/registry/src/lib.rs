//! The registry service: streamers, policies, live sessions, and the answer the suite exists for.
//!
//! A request passes through [`rpc`] (parse), [`app`] (load, decide, commit) and the store. Checks are answered from
//! [`memory`], which is a fold over the registry's own event log; [`follow`] brings the news of the other services into
//! that log, and [`patrol`] acts on them while live sessions run.

mod access;
mod app;
mod config;
mod error;
mod follow;
mod memory;
mod patrol;
mod rpc;
mod rules;
mod verify;
mod violations;
mod wire;

mod start;

pub use access::access_entries;
pub use config::Config;
pub use rpc::SERVICES;
pub use start::{StartError, start};

use greenroom_feed::verify::Report;
use greenroom_registry_store_postgres::Store as PostgresStore;
use greenroom_registry_store_sqlite::Store as SqliteStore;

/// The audience of this service's access tokens.
pub const AUDIENCE: &str = "greenroom-registry";

/// Holds the tables of the configured database against its event log.
pub async fn verify(config: &Config) -> Result<Report, StartError> {
    if start::is_sqlite(&config.database_url)? {
        let store = SqliteStore::open(&config.database_url).await?;
        let report = verify::verify(&store).await;
        store.close().await;
        return Ok(report?);
    }
    let store = PostgresStore::open(&config.database_url).await?;
    let report = verify::verify(&store).await;
    store.close().await;
    Ok(report?)
}
