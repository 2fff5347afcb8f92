//! The service's configuration: a TOML file, unknown keys refused, secrets only by file path.

use crate::sources::{self, CertificateSource, SANDBOX};
use greenroom_domain::certification::EvidenceSource;
use greenroom_rpc::accept::default_max_connections_per_address;
use greenroom_rpc::process::Configuration;
use greenroom_rpc::server::Plaintext;
use greenroom_rpc::telemetry::LogFormat;
use greenroom_rpc::tls::{ClientTls, ServerTls};
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The certification service's configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the database is: `sqlite:PATH` or `postgres://…`.
    pub database_url: String,
    /// The file with the key of request fingerprints, the same for every replica. Made on the first start.
    pub keys_file: PathBuf,
    /// The file with this service's own credential, which the identity service's first start writes.
    pub credential_file: PathBuf,
    /// The address to listen on; port 0 takes any free one.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// The issuer named in every token, exactly as the identity service's configuration spells it.
    #[serde(default = "default_identity")]
    pub issuer: String,
    /// Where the identity service is reached.
    #[serde(default = "default_identity")]
    pub identity_url: String,
    /// Whether plaintext may be spoken on addresses other than loopback.
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
    /// A folder with more standards (`*.toml`), beside those built in.
    #[serde(default)]
    pub standards_dir: Option<PathBuf>,
    /// How long a confirmation of a certificate counts, in days, by who gave it.
    #[serde(default)]
    pub evidence_validity_days: ValidityDays,
    /// How long a certificate may take to appear in the national look-up, in Chinese working days: 1 to 250.
    #[serde(default = "default_publication_lag_working_days")]
    pub publication_lag_working_days: u32,
    /// A folder with more calendars of Chinese working days (`*.toml`), beside those built in.
    #[serde(default)]
    pub calendar_dir: Option<PathBuf>,
    /// How often a certificate that was not found is looked for again, before it is left to humans: 0 to 100.
    #[serde(default = "default_recheck_attempts")]
    pub recheck_attempts: u32,
    /// The sources that certificates are checked with: integrators' services.
    #[serde(default)]
    pub certificate_sources: Vec<CertificateSource>,
    /// The sources that a claimed certificate is checked with without anybody's doing, by their names.
    #[serde(default)]
    pub automatic_sources: Vec<String>,
    /// How long a plan of a roll may be applied after it was made, in days: 1 to 90. What it says is as old as the plan.
    #[serde(default = "default_plan_validity_days")]
    pub plan_validity_days: u32,
    /// How many of an issuer's certificates in force a complete roll may withdraw by not holding them, in percent: 0 to 100.
    /// More have to be allowed with the call that applies the roll.
    #[serde(default = "default_roll_withdrawal_percent")]
    pub roll_withdrawal_percent: u32,
    /// Whether a second person has to approve the plan of a roll before it is applied.
    #[serde(default)]
    pub roll_second_approver: bool,
    /// How long the certificates of an issuer that was struck off are under review unless the strike-off says when it ends, in
    /// calendar days: 1 to 365.
    #[serde(default = "default_strike_off_review_days")]
    pub strike_off_review_days: u32,
    /// How long an accepted professional qualification counts before it has to be checked again, in days: 1 to 3650.
    #[serde(default = "default_qualification_recheck_days")]
    pub qualification_recheck_days: u32,
    /// Whether evidence may name the sandbox, a source for demonstrations and tests that proves nothing.
    #[serde(default)]
    pub allow_sandbox_source: bool,
    /// What to log, in the syntax of `RUST_LOG`.
    #[serde(default = "default_log")]
    pub log: String,
    /// How log lines look: `json` or `text`.
    #[serde(default)]
    pub log_format: LogFormat,
}

/// How long a confirmation counts by its source, in days: 1 to 3650 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ValidityDays {
    /// The word of its issuer: its roll, or a certificate it issues here.
    pub issuer_roll: u32,
    /// The national look-up.
    pub official_lookup: u32,
    /// An administrator who saw the certificate.
    pub attestation: u32,
    /// The sandbox.
    pub sandbox: u32,
}

impl Default for ValidityDays {
    fn default() -> Self {
        Self { issuer_roll: 180, official_lookup: 180, attestation: 180, sandbox: 180 }
    }
}

/// How long a confirmation counts by its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity(ValidityDays);

impl Validity {
    /// How long a confirmation from `source` counts.
    pub fn of(self, source: EvidenceSource) -> Duration {
        days(match source {
            EvidenceSource::IssuerRoll => self.0.issuer_roll,
            EvidenceSource::OfficialLookup => self.0.official_lookup,
            EvidenceSource::AdministratorAttestation => self.0.attestation,
            EvidenceSource::Sandbox => self.0.sandbox,
        })
    }
}

impl From<ValidityDays> for Validity {
    fn from(days: ValidityDays) -> Self {
        Self(days)
    }
}

impl Configuration for Config {
    fn logging(&self) -> (&str, LogFormat) {
        (&self.log, self.log_format)
    }
}

impl Config {
    /// Everything in one folder, beside an identity service configured the same way. For demonstrations and tests.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            database_url: format!("sqlite:{}", folder.join("certification.db").display()),
            keys_file: folder.join("certification-keys"),
            credential_file: folder.join("credentials").join("certification.json"),
            listen: default_listen(),
            issuer: default_identity(),
            identity_url: default_identity(),
            allow_plaintext: false,
            tls: None,
            client_tls: None,
            max_connections_per_address: default_max_connections_per_address(),
            standards_dir: None,
            evidence_validity_days: ValidityDays::default(),
            publication_lag_working_days: default_publication_lag_working_days(),
            calendar_dir: None,
            recheck_attempts: default_recheck_attempts(),
            certificate_sources: Vec::new(),
            automatic_sources: Vec::new(),
            plan_validity_days: default_plan_validity_days(),
            roll_withdrawal_percent: default_roll_withdrawal_percent(),
            roll_second_approver: false,
            strike_off_review_days: default_strike_off_review_days(),
            qualification_recheck_days: default_qualification_recheck_days(),
            allow_sandbox_source: false,
            log: default_log(),
            log_format: LogFormat::default(),
        }
    }

    /// Refuses values outside their bounds; the text names the key.
    pub fn check(&self) -> Result<(), String> {
        let ValidityDays { issuer_roll, official_lookup, attestation, sandbox } = self.evidence_validity_days;
        for (key, days) in [
            ("issuer_roll", issuer_roll),
            ("official_lookup", official_lookup),
            ("attestation", attestation),
            ("sandbox", sandbox),
        ] {
            if !(1..=3650).contains(&days) {
                return Err(format!("`evidence_validity_days.{key}` must lie between 1 and 3650"));
            }
        }
        if !(1..=365).contains(&self.strike_off_review_days) {
            return Err("`strike_off_review_days` must lie between 1 and 365".to_owned());
        }
        if !(1..=3650).contains(&self.qualification_recheck_days) {
            return Err("`qualification_recheck_days` must lie between 1 and 3650".to_owned());
        }
        if !(1..=250).contains(&self.publication_lag_working_days) {
            return Err("`publication_lag_working_days` must lie between 1 and 250".to_owned());
        }
        if self.recheck_attempts > 100 {
            return Err("`recheck_attempts` must lie between 0 and 100".to_owned());
        }
        if !(1..=90).contains(&self.plan_validity_days) {
            return Err("`plan_validity_days` must lie between 1 and 90".to_owned());
        }
        if self.roll_withdrawal_percent > 100 {
            return Err("`roll_withdrawal_percent` must lie between 0 and 100".to_owned());
        }
        let built_in = self.allow_sandbox_source.then_some(SANDBOX);
        let plaintext = if self.allow_plaintext { Plaintext::Anywhere } else { Plaintext::LoopbackOnly };
        let (sources, automatic) = (&self.certificate_sources, &self.automatic_sources);
        sources::check(sources, automatic, built_in, official_lookup, plaintext)
    }

    /// How long a confirmation of a certificate counts.
    pub fn evidence_validity(&self) -> Validity {
        self.evidence_validity_days.into()
    }

    /// How long the certificates of an issuer that was struck off are under review.
    pub fn strike_off_review(&self) -> Duration {
        days(self.strike_off_review_days)
    }

    /// How long an accepted qualification counts.
    pub fn qualification_recheck(&self) -> Duration {
        days(self.qualification_recheck_days)
    }

    /// How long a plan of a roll may be applied.
    pub fn plan_validity(&self) -> Duration {
        days(self.plan_validity_days)
    }
}

fn days(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * 86_400)
}

fn default_listen() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 7102))
}

fn default_identity() -> String {
    "http://127.0.0.1:7101".to_owned()
}

const fn default_publication_lag_working_days() -> u32 {
    20
}

const fn default_recheck_attempts() -> u32 {
    3
}

const fn default_plan_validity_days() -> u32 {
    7
}

const fn default_roll_withdrawal_percent() -> u32 {
    5
}

const fn default_strike_off_review_days() -> u32 {
    60
}

const fn default_qualification_recheck_days() -> u32 {
    180
}

fn default_log() -> String {
    "info".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "database_url = \"sqlite:c.db\"\nkeys_file = \"k\"\ncredential_file = \"c.json\"\n";

    #[test]
    fn what_is_not_set_has_its_default() {
        let config: Config = toml::from_str(LEAST).unwrap();
        assert_eq!(config.evidence_validity_days, ValidityDays::default());
        assert_eq!(
            (config.evidence_validity_days.issuer_roll, config.publication_lag_working_days),
            (180, 20)
        );
        assert_eq!((config.recheck_attempts, config.certificate_sources.len()), (3, 0));
        assert_eq!((config.plan_validity_days, config.roll_withdrawal_percent), (7, 5));
        assert!(!config.roll_second_approver);
        assert!(!config.allow_sandbox_source && !config.allow_plaintext);
        assert!(config.check().is_ok());
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let fault = toml::from_str::<Config>(&format!("{LEAST}evidence_days = 3\n")).unwrap_err();
        assert!(fault.to_string().contains("evidence_days"));
    }

    #[test]
    fn a_value_out_of_bounds_is_refused_by_name() {
        for source in ["issuer_roll", "official_lookup", "attestation", "sandbox"] {
            let text = format!("{LEAST}evidence_validity_days = {{ {source} = 0 }}\n");
            let config: Config = toml::from_str(&text).unwrap();
            assert!(config.check().unwrap_err().contains(source));
        }
        for key in [
            "publication_lag_working_days",
            "plan_validity_days",
            "strike_off_review_days",
            "qualification_recheck_days",
        ] {
            let config: Config = toml::from_str(&format!("{LEAST}{key} = 0\n")).unwrap();
            assert!(config.check().unwrap_err().contains(key));
        }
    }
}
