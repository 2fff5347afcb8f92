//! The service's configuration: a TOML file, unknown keys refused, secrets only by file path.

use crate::app::{Certificates, SigningRules};
use crate::sources::{ProofingSource, check_all};
use greenroom_auth::Algorithm;
use greenroom_rpc::accept::default_max_connections_per_address;
use greenroom_rpc::process::Configuration;
use greenroom_rpc::server::Plaintext;
use greenroom_rpc::telemetry::LogFormat;
use greenroom_rpc::tls::{ClientCertificates, ClientTls, ServerTls};
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The identity service's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the database is: `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    /// The file with the master key and its sisters. Made on the first start with a new database; back it up apart from
    /// the database, which is unreadable without it.
    pub keys_file: PathBuf,
    /// Where the first start puts the credentials of the suite's own clients.
    pub credentials_dir: PathBuf,
    /// The address to listen on; port 0 takes any free one.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// The issuer named in every token: the URL at which clients reach this service.
    #[serde(default = "default_issuer")]
    pub issuer: String,
    /// Whether plaintext may be spoken on addresses other than loopback, and to sources elsewhere.
    #[serde(default)]
    pub allow_plaintext: bool,
    /// The listener's certificate, and what it asks of its clients. It speaks plaintext without.
    #[serde(default)]
    pub tls: Option<ServerTls>,
    /// Whom sources under `https://` are trusted by, and which certificate is shown to them, where a source has no section of
    /// its own. The system's roots and none without.
    #[serde(default)]
    pub client_tls: Option<ClientTls>,
    /// How many connections one address may hold; more are closed as they come.
    #[serde(default = "default_max_connections_per_address")]
    pub max_connections_per_address: NonZeroU32,
    /// How long an access token lives, in seconds: 1 to 3600.
    #[serde(default = "default_token_lifetime_seconds")]
    pub token_lifetime_seconds: u32,
    /// How long an identity check counts, in days: 1 to 3650.
    #[serde(default = "default_proofing_validity_days")]
    pub proofing_validity_days: u32,
    /// Whether identity checks may name the sandbox, a source for demonstrations and tests that proves nothing.
    #[serde(default)]
    pub allow_sandbox_source: bool,
    /// The sources that can be asked for identity checks.
    #[serde(default)]
    pub proofing_sources: Vec<ProofingSource>,
    /// What keys made from now on sign access tokens with: `EdDSA`, or `ES256` for libraries that cannot read that.
    #[serde(default)]
    pub signing_algorithm: SigningAlgorithm,
    /// After how many days the next signing key is made: 1 to 3650; 0 for never.
    #[serde(default = "default_signing_key_days")]
    pub signing_key_days: u32,
    /// How long anybody may keep the key set, in seconds: 60 to 86400. The next key is published that long, and a minute
    /// more, before it signs.
    #[serde(default = "default_key_set_cache_seconds")]
    pub key_set_cache_seconds: u32,
    /// What to log, in the syntax of `RUST_LOG`.
    #[serde(default = "default_log")]
    pub log: String,
    /// How log lines look: `json` or `text`.
    #[serde(default)]
    pub log_format: LogFormat,
}

/// What signs access tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum SigningAlgorithm {
    /// Ed25519 (RFC 8037).
    #[default]
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA over P-256 with SHA-256 (RFC 7518 §3.4).
    #[serde(rename = "ES256")]
    Es256,
}

impl Configuration for Config {
    fn logging(&self) -> (&str, LogFormat) {
        (&self.log, self.log_format)
    }
}

impl Config {
    /// Everything in one folder: an SQLite database, the keys and the credentials. For demonstrations and tests.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            database_url: format!("sqlite:{}", folder.join("identity.db").display()),
            keys_file: folder.join("identity-keys.json"),
            credentials_dir: folder.join("credentials"),
            listen: default_listen(),
            issuer: default_issuer(),
            allow_plaintext: false,
            tls: None,
            client_tls: None,
            max_connections_per_address: default_max_connections_per_address(),
            token_lifetime_seconds: default_token_lifetime_seconds(),
            proofing_validity_days: default_proofing_validity_days(),
            allow_sandbox_source: false,
            proofing_sources: Vec::new(),
            signing_algorithm: SigningAlgorithm::default(),
            signing_key_days: default_signing_key_days(),
            key_set_cache_seconds: default_key_set_cache_seconds(),
            log: default_log(),
            log_format: LogFormat::default(),
        }
    }

    /// Refuses values outside their bounds; the text names the key.
    pub fn check(&self) -> Result<(), String> {
        if !(1..=3600).contains(&self.token_lifetime_seconds) {
            return Err("`token_lifetime_seconds` must lie between 1 and 3600".to_owned());
        }
        if !(1..=3650).contains(&self.proofing_validity_days) {
            return Err("`proofing_validity_days` must lie between 1 and 3650".to_owned());
        }
        if self.signing_key_days > 3650 {
            return Err("`signing_key_days` must be at most 3650".to_owned());
        }
        if !(60..=86_400).contains(&self.key_set_cache_seconds) {
            return Err("`key_set_cache_seconds` must lie between 60 and 86400".to_owned());
        }
        let plain = self.issuer.starts_with("http://") || self.issuer.starts_with("https://");
        if !plain || self.issuer.ends_with('/') {
            return Err(
                "`issuer` must be a URL without a slash at its end, such as `https://id.example`".to_owned()
            );
        }
        check_all("proofing_sources", &self.proofing_sources, self.proofing_validity_days, self.plaintext())
    }

    /// Where plaintext may be spoken.
    pub(crate) fn plaintext(&self) -> Plaintext {
        if self.allow_plaintext { Plaintext::Anywhere } else { Plaintext::LoopbackOnly }
    }

    /// How long an access token lives.
    pub fn token_lifetime(&self) -> Duration {
        Duration::from_secs(u64::from(self.token_lifetime_seconds))
    }

    /// How long an identity check counts.
    pub fn proofing_validity(&self) -> Duration {
        Duration::from_secs(u64::from(self.proofing_validity_days) * 86_400)
    }

    /// The signing keys.
    pub(crate) fn signing_rules(&self) -> SigningRules {
        let days = u64::from(self.signing_key_days);
        SigningRules {
            algorithm: match self.signing_algorithm {
                SigningAlgorithm::EdDsa => Algorithm::EdDsa,
                SigningAlgorithm::Es256 => Algorithm::Es256,
            },
            cached_for: Duration::from_secs(u64::from(self.key_set_cache_seconds)),
            changed_after: (days > 0).then(|| Duration::from_secs(days * 86_400)),
        }
    }

    /// Which client certificates the listener learns of.
    pub(crate) fn certificates(&self) -> Certificates {
        match &self.tls {
            None => Certificates::Unseen,
            Some(tls) if tls.client_certificates == ClientCertificates::None => Certificates::Unseen,
            Some(tls) if tls.client_ca.is_none() => Certificates::ByThumbprint,
            Some(_) => Certificates::ByName,
        }
    }

    /// Where tokens are asked for over HTTP.
    pub fn token_endpoint(&self) -> String {
        format!("{}/oauth2/token", self.issuer)
    }
}

fn default_listen() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 7101))
}

fn default_issuer() -> String {
    "http://127.0.0.1:7101".to_owned()
}

const fn default_token_lifetime_seconds() -> u32 {
    300
}

/// Half a year: Order 117 asks for the re-check of room operators at least that often.
const fn default_proofing_validity_days() -> u32 {
    180
}

fn default_log() -> String {
    "info".to_owned()
}

/// The keys of three months: NIST SP 800-57 part 1 §5.3.6 lets a signing key sign for one to three years at most.
const fn default_signing_key_days() -> u32 {
    90
}

const fn default_key_set_cache_seconds() -> u32 {
    300
}
