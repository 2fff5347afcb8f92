//! The configuration file.

use greenroom_rpc::telemetry::LogFormat;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The configuration of the registry service: TOML, unknown keys refused.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The database: `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    /// Where to listen. Port 0 takes a free one.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Whether plaintext may be spoken beyond this machine, because the network protects it.
    #[serde(default)]
    pub allow_plaintext: bool,
    /// The issuer of the access tokens, as their `iss` spells it.
    #[serde(default = "default_issuer")]
    pub issuer: String,
    /// Where the identity service listens.
    #[serde(default = "default_identity")]
    pub identity_url: String,
    /// Where the certification service listens.
    #[serde(default = "default_certification")]
    pub certification_url: String,
    /// The file with this service's credential for the others, written by the identity service at its first start.
    pub credential: PathBuf,
    /// How long a live session's lease lasts at most, in seconds.
    #[serde(default = "default_lease")]
    pub lease_seconds: u32,
    /// How to log.
    #[serde(default)]
    pub log: Log,
}

/// How to log.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// What, in the syntax of `RUST_LOG`.
    pub filter: String,
    /// In which form.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::default() }
    }
}

impl Config {
    /// How long a lease lasts at most.
    pub fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds.max(1).into())
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7103))
}

fn default_issuer() -> String {
    "http://127.0.0.1:7101".to_owned()
}

fn default_identity() -> String {
    "http://127.0.0.1:7101".to_owned()
}

fn default_certification() -> String {
    "http://127.0.0.1:7102".to_owned()
}

const fn default_lease() -> u32 {
    60
}
