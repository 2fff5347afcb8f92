//! The three services in this process: three listeners, gRPC between them, nothing shared but the clock.

use crate::failure::{Context as _, Failure, Result};
use crate::folder::Places;
use crate::reach::{Service, clock};
use greenroom_certification::Config as Certification;
use greenroom_identity::Config as Identity;
use greenroom_registry::Config as Registry;
use greenroom_rpc::tls::ServerTls;
use greenroom_rpc::{config, server};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic_health::server::HealthReporter;

/// How long the services have to become ready.
const PATIENCE: Duration = Duration::from_mins(1);

/// How each of the three is configured.
pub struct Configs {
    /// The identity service.
    pub identity: Identity,
    /// The certification service.
    pub certification: Certification,
    /// The registry.
    pub registry: Registry,
}

impl Configs {
    /// Everything in one data folder, on three ports from `base`.
    pub fn in_folder(places: &Places, base: u16) -> Self {
        let folder = places.folder();
        let listen = |service: Service| SocketAddr::from((Ipv4Addr::LOCALHOST, service.port(base)));
        let url = |service: Service| service.local_url(base);
        let identity = Identity {
            keys_file: places.keys(Service::Identity.name()),
            listen: listen(Service::Identity),
            issuer: url(Service::Identity),
            ..Identity::in_folder(folder)
        };
        let certification = Certification {
            keys_file: places.keys(Service::Certification.name()),
            listen: listen(Service::Certification),
            issuer: url(Service::Identity),
            identity_url: url(Service::Identity),
            ..Certification::in_folder(folder)
        };
        let registry = Registry {
            listen: listen(Service::Registry),
            issuer: url(Service::Identity),
            identity_url: url(Service::Identity),
            certification_url: url(Service::Certification),
            ..Registry::in_folder(folder)
        };
        Self { identity, certification, registry }
    }

    /// As the files `identity.toml`, `certification.toml` and `registry.toml` in `folder` say.
    pub fn read(folder: &Path) -> Result<Self> {
        let failed = |error: config::ConfigError| Failure::new(error.to_string());
        Ok(Self {
            identity: config::load(&folder.join("identity.toml")).map_err(failed)?,
            certification: config::load(&folder.join("certification.toml")).map_err(failed)?,
            registry: config::load(&folder.join("registry.toml")).map_err(failed)?,
        })
    }
}

/// A running suite.
pub struct Suite {
    shutdown: CancellationToken,
    running: Vec<Running>,
}

struct Running {
    service: Service,
    url: String,
    health: HealthReporter,
    join: JoinHandle<std::result::Result<(), String>>,
}

/// What a service listens with.
#[derive(Clone, Copy)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn of(tls: Option<&ServerTls>) -> Self {
        if tls.is_some() { Self::Https } else { Self::Http }
    }
}

impl Suite {
    /// Starts the three and waits until each says that it serves.
    pub async fn start(configs: Configs) -> Result<Self> {
        let mut suite = Self { shutdown: CancellationToken::new(), running: Vec::new() };
        let started = suite.start_all(configs).await;
        match started {
            Ok(()) => Ok(suite),
            Err(failure) => {
                // What failed first is what to tell.
                drop(suite.stop().await);
                Err(failure)
            }
        }
    }

    async fn start_all(&mut self, configs: Configs) -> Result<()> {
        free(configs.identity.listen)?;
        free(configs.certification.listen)?;
        free(configs.registry.listen)?;
        let shutdown = self.shutdown.clone();
        let failed = |service: Service, error: String| {
            Failure::new(format!("the {} service does not start: {error}", service.name()))
        };
        let schemes = [&configs.identity.tls, &configs.certification.tls, &configs.registry.tls];
        let [identity, certification, registry] = schemes.map(|tls| Scheme::of(tls.as_ref()));
        let it = greenroom_identity::start(configs.identity, clock(), shutdown.clone()).await;
        let it = it.map_err(|error| failed(Service::Identity, error.to_string()))?;
        self.keep(Service::Identity, identity, it);
        present(&configs.certification.credential_file)?;
        present(&configs.registry.credential_file)?;
        let it = greenroom_certification::start(configs.certification, clock(), shutdown.clone()).await;
        let it = it.map_err(|error| failed(Service::Certification, error.to_string()))?;
        self.keep(Service::Certification, certification, it);
        let it = greenroom_registry::start(configs.registry, clock(), shutdown).await;
        let it = it.map_err(|error| failed(Service::Registry, error.to_string()))?;
        self.keep(Service::Registry, registry, it);
        let in_vain = |_| Failure::new(format!("the suite is not ready after {} s", PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, self.ready()).await.map_err(in_vain)?
    }

    async fn ready(&mut self) -> Result<()> {
        let mut early = None;
        for running in &mut self.running {
            tokio::select! {
                told = server::serving(&running.health) => {
                    told.map_err(|status| crate::refusal::describe(running.service.name(), &status))?;
                }
                ended = &mut running.join => {
                    early = Some((running.service, ended));
                    break;
                }
            }
        }
        let Some((service, ended)) = early else { return Ok(()) };
        self.running.retain(|running| running.service != service);
        let (name, why) = (service.name(), why(ended));
        Err(Failure::new(format!("the {name} service ended before it was ready: {why}")))
    }

    fn keep(&mut self, service: Service, scheme: Scheme, started: server::Running) {
        let server::Running { address, health, join } = started;
        let join = tokio::spawn(async move {
            match join.await {
                Ok(ended) => ended.map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            }
        });
        let url = match scheme {
            Scheme::Http => format!("http://{address}"),
            Scheme::Https => format!("https://{address}"),
        };
        self.running.push(Running { service, url, health, join });
    }

    /// Where each service listens.
    pub fn urls(&self) -> impl Iterator<Item = (Service, &str)> + '_ {
        self.running.iter().map(|running| (running.service, running.url.as_str()))
    }

    /// Runs until somebody ends it (Ctrl-C, SIGTERM) or a service ends by itself, then drains.
    pub async fn run_to_the_end(mut self, signals: &mut Signals) -> Result<()> {
        let ends = self.running.iter_mut().map(|running| {
            let service = running.service;
            Box::pin(async move { (service, (&mut running.join).await) })
        });
        let ended = tokio::select! {
            () = signals.asked() => None,
            ((service, ended), _, _) = futures::future::select_all(ends) => Some((service, ended)),
        };
        let Some((service, ended)) = ended else {
            return self.stop().await;
        };
        self.running.retain(|running| running.service != service);
        self.shutdown.cancel();
        let others = self.stop().await;
        let why = why(ended);
        others.and(Err(Failure::new(format!("the {} service ended: {why}", service.name()))))
    }

    /// Drains and ends all three.
    pub async fn stop(self) -> Result<()> {
        self.shutdown.cancel();
        let mut faults = Vec::new();
        for running in self.running {
            match running.join.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => faults.push(format!("the {} service: {error}", running.service.name())),
                Err(error) => faults.push(format!("the {} service: {error}", running.service.name())),
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Failure::new(faults.join("; "))) }
    }
}

fn why(ended: std::result::Result<std::result::Result<(), String>, JoinError>) -> String {
    match ended {
        Ok(Ok(())) => "without a word".to_owned(),
        Ok(Err(error)) => error,
        Err(error) => error.to_string(),
    }
}

/// What asks this process to end: Ctrl-C and SIGTERM.
pub struct Signals {
    interrupted: Signal,
    terminated: Signal,
}

impl Signals {
    /// Listens from now on: a signal no longer ends the process by itself.
    pub fn listen() -> Result<Self> {
        let doing = || "cannot listen for signals".to_owned();
        Ok(Self {
            interrupted: signal(SignalKind::interrupt()).context(doing)?,
            terminated: signal(SignalKind::terminate()).context(doing)?,
        })
    }

    /// Ends when somebody asks, or has asked since.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupted.recv() => {}
            _ = self.terminated.recv() => {}
        }
    }
}

/// Looks before anything is made: a port that is taken leaves no half-made data folder behind.
fn free(address: SocketAddr) -> Result<()> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(Failure::new(format!(
            "port {} is in use by another program; stop it, or take three other ports with `--port-base`",
            address.port()
        ))),
        Err(error) => Err(Failure::new(format!("cannot listen on {address}: {error}"))),
    }
}

/// The identity service's first start makes the credentials; later it knows no more than their public keys.
pub fn present(credential: &Path) -> Result<()> {
    if credential.exists() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the credential file `{}` is missing, and its key is nowhere else; restore it from a backup, or move the whole data \
         away to begin anew",
        credential.display()
    )))
}
