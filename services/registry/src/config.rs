//! The configuration file.

use greenroom_rpc::accept::default_max_connections_per_address;
use greenroom_rpc::process::Configuration;
use greenroom_rpc::telemetry::LogFormat;
use greenroom_rpc::tls::{ClientTls, ServerTls};
use serde::Deserialize;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
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
    /// The listener's certificate, and what it asks of its clients. It speaks plaintext without.
    #[serde(default)]
    pub tls: Option<ServerTls>,
    /// Whom to trust, and which certificate to show, where other services are reached by `https://`.
    #[serde(default)]
    pub client_tls: Option<ClientTls>,
    /// How many connections one address may hold; more are closed as they come.
    #[serde(default = "default_max_connections_per_address")]
    pub max_connections_per_address: NonZeroU32,
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
    pub credential_file: PathBuf,
    /// How long a live session's lease lasts at most, in seconds.
    #[serde(default = "default_lease")]
    pub lease_seconds: u32,
    /// What to log, in the syntax of `RUST_LOG`.
    #[serde(default = "default_log")]
    pub log: String,
    /// How log lines look: `json` or `text`.
    #[serde(default)]
    pub log_format: LogFormat,
}

impl Configuration for Config {
    fn logging(&self) -> (&str, LogFormat) {
        (&self.log, self.log_format)
    }
}

impl Config {
    /// Everything in one folder, beside the two other services configured the same way. For demonstrations and tests.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            database_url: format!("sqlite:{}", folder.join("registry.db").display()),
            listen: default_listen(),
            allow_plaintext: false,
            tls: None,
            client_tls: None,
            max_connections_per_address: default_max_connections_per_address(),
            issuer: default_issuer(),
            identity_url: default_identity(),
            certification_url: default_certification(),
            credential_file: folder.join("credentials").join("registry.json"),
            lease_seconds: default_lease(),
            log: default_log(),
            log_format: LogFormat::default(),
        }
    }

    /// Refuses values outside their bounds; the text names the key.
    pub fn check(&self) -> Result<(), String> {
        if !(1..=3600).contains(&self.lease_seconds) {
            return Err("`lease_seconds` must lie between 1 and 3600".to_owned());
        }
        Ok(())
    }

    /// How long a lease lasts at most.
    pub fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds.into())
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

fn default_log() -> String {
    "info".to_owned()
}
