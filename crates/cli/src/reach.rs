//! How the tool reaches a service: its address, who calls, and a connection that carries a token.

use crate::failure::{Failure, Result};
use crate::folder::Places;
use clap::Args;
use greenroom_rpc::client::{Authenticated, ConnectError, Credential, Tokens, connect, connect_with};
use greenroom_rpc::clock::{SharedClock, SystemClock};
use greenroom_rpc::credential;
use greenroom_rpc::tls::ClientTls;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tonic::transport::Channel;

/// The services of the suite, in the order of their ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Organizations, clients, tokens, persons.
    Identity,
    /// Standards, issuers, certificates, rolls.
    Certification,
    /// Streamers, policies, decisions, live sessions.
    Registry,
}

impl Service {
    /// Every service.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Certification, Self::Registry];

    /// Its short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Certification => "certification",
            Self::Registry => "registry",
        }
    }

    /// The audience of its tokens.
    pub const fn audience(self) -> &'static str {
        match self {
            Self::Identity => "greenroom-identity",
            Self::Certification => "greenroom-certification",
            Self::Registry => "greenroom-registry",
        }
    }

    /// The service that serves a package of the contract, such as `greenroom.registry.v1`.
    pub fn of_package(package: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| package.split('.').nth(1) == Some(service.name()))
    }

    /// Its port, where the suite's first port is `base`.
    pub const fn port(self, base: u16) -> u16 {
        match self {
            Self::Identity => base,
            Self::Certification => base.saturating_add(1),
            Self::Registry => base.saturating_add(2),
        }
    }

    /// Its address on this machine.
    pub fn local_url(self, base: u16) -> String {
        format!("http://127.0.0.1:{}", self.port(base))
    }
}

/// Whom to call, and as whom.
#[derive(Args, Clone, Debug)]
pub struct Reach {
    /// Credential file of the calling client [default: credentials/suite-operator.json in the data folder]
    #[arg(long, value_name = "FILE", env = "GREENROOM_CREDENTIAL")]
    pub credential: Option<PathBuf>,
    /// Address of the identity service, where tokens come from [default: that of the suite run on the data folder]
    #[arg(long, value_name = "URL", env = "GREENROOM_IDENTITY")]
    pub identity: Option<String>,
    /// Address of the service to call [default: that of the suite run on the data folder]
    #[arg(long, value_name = "URL")]
    pub address: Option<String>,
    #[command(flatten)]
    pub trust: Trust,
}

/// Whom to trust, and what to show, where an address begins with `https://`.
#[derive(Args, Clone, Debug)]
pub struct Trust {
    /// Who may vouch for services under https:// (PEM) [default: the system's root certificates]
    #[arg(long, value_name = "FILE", env = "GREENROOM_CA")]
    pub ca: Option<PathBuf>,
    /// Certificate to show to services under https:// (PEM)
    #[arg(long, value_name = "FILE", env = "GREENROOM_CLIENT_CERTIFICATE", requires = "client_key")]
    pub client_certificate: Option<PathBuf>,
    /// Private key of that certificate (PEM)
    #[arg(long, value_name = "FILE", env = "GREENROOM_CLIENT_KEY", requires = "client_certificate")]
    pub client_key: Option<PathBuf>,
}

impl Trust {
    /// A lazy connection to `url`.
    pub fn channel(&self, url: &str) -> Result<Channel> {
        let tls = ClientTls {
            ca: self.ca.clone(),
            certificate: self.client_certificate.clone(),
            private_key: self.client_key.clone(),
        };
        connect_with(url, Some(&tls)).map_err(|error| cannot_connect(url, &error))
    }
}

impl Reach {
    /// The connection to `service`, with tokens.
    pub fn connect(&self, places: &Places, service: Service) -> Result<Authenticated> {
        let tokens = self.tokens(places, service)?;
        Ok(Authenticated::new(self.channel(places, service)?, tokens))
    }

    /// The connection to `service`, without tokens.
    pub fn channel(&self, places: &Places, service: Service) -> Result<Channel> {
        let url = self.address.clone().unwrap_or_else(|| service.local_url(places.port_base()));
        self.trust.channel(&url)
    }

    /// Tokens for `service`.
    pub fn tokens(&self, places: &Places, service: Service) -> Result<Tokens> {
        let credential = Arc::new(read_credential(&self.credential_file(places))?);
        let identity = self.trust.channel(&self.identity_url(places))?;
        Ok(Tokens::new(identity, credential, service.audience(), clock()))
    }

    /// The credential of the calling client.
    pub fn credential_file(&self, places: &Places) -> PathBuf {
        self.credential.clone().unwrap_or_else(|| places.credential("suite-operator"))
    }

    /// Where tokens come from.
    pub fn identity_url(&self, places: &Places) -> String {
        self.identity.clone().unwrap_or_else(|| Service::Identity.local_url(places.port_base()))
    }
}

/// A lazy connection to `url`, of a suite on this machine.
pub fn channel(url: &str) -> Result<Channel> {
    connect(url).map_err(|error| cannot_connect(url, &error))
}

fn cannot_connect(url: &str, error: &ConnectError) -> Failure {
    match error {
        ConnectError::Url(_) => {
            Failure::new(format!("`{url}` is not an address such as http://127.0.0.1:7103: {error}"))
        }
        ConnectError::Tls(error) => Failure::new(format!("cannot connect to `{url}`: {error}")),
    }
}

/// Reads a credential file, with what to do if there is none.
pub fn read_credential(file: &Path) -> Result<Credential> {
    if !file.exists() {
        return Err(Failure::new(format!(
            "there is no credential file `{}`; start the suite with `greenroom up` first, or name the data folder \
             (`--data-dir`) or the file (`--credential`)",
            file.display()
        )));
    }
    credential::read(file).map_err(|error| Failure::new(error.to_string()))
}

/// The machine's clock.
pub fn clock() -> SharedClock {
    Arc::new(SystemClock)
}
