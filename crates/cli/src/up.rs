//! `greenroom up`: the suite on this machine, without demo data.

use crate::demo::program;
use crate::failure::Result;
use crate::folder::{DEFAULT_PORT, Folder};
use crate::reach::Service;
use crate::say;
use crate::suite::{Configs, Signals, Suite};
use clap::Args;
use greenroom_rpc::telemetry::{self, LogFormat};
use std::path::{Path, PathBuf};

/// Arguments of `greenroom up`.
#[derive(Args, Debug)]
#[command(
    after_help = "Without `--config-dir` everything lives in the data folder (SQLite) and listens on loopback.
With it, identity.toml, certification.toml and registry.toml in that folder say where everything is.

Examples:
  greenroom up
  greenroom up --data-dir /var/lib/greenroom --port-base 8101
  greenroom up --config-dir deploy/config"
)]
pub struct Up {
    /// Reads identity.toml, certification.toml and registry.toml from this folder
    #[arg(long, value_name = "DIR", conflicts_with = "port_base")]
    config_dir: Option<PathBuf>,
    /// The first of the three ports
    #[arg(long, value_name = "PORT", default_value_t = DEFAULT_PORT, value_parser = clap::value_parser!(u16).range(1..=65533))]
    port_base: u16,
    /// Allows the sandbox: a source for trying checks out, which proves nothing
    #[arg(long, conflicts_with = "config_dir")]
    sandbox: bool,
    /// What to log, in the syntax of RUST_LOG
    #[arg(long, value_name = "FILTER", default_value = "info", env = "GREENROOM_LOG")]
    log: String,
}

impl Up {
    /// Runs the suite until it is asked to end.
    pub async fn run(&self, data_dir: &Path) -> Result<()> {
        telemetry::init(&self.log, LogFormat::Text);
        if let Some(folder) = &self.config_dir {
            let configs = Configs::read(folder)?;
            let credential = operator(&configs.identity.credentials_dir);
            let said = Said::Each { credential: credential.clone(), ca: ca(&configs) };
            return serve(configs, &credential, said).await;
        }
        let mut folder = Folder::open(data_dir)?;
        folder.settle_on(self.port_base)?;
        let places = folder.places().clone();
        let said = Said::Folder(data_dir.to_owned());
        let mut configs = Configs::in_folder(&places, self.port_base);
        configs.identity.allow_sandbox_source = self.sandbox;
        configs.certification.allow_sandbox_source = self.sandbox;
        serve(configs, &operator(&places.credentials()), said).await
    }
}

/// What a call of this suite has to be told.
enum Said {
    /// The data folder, where everything else is found.
    Folder(PathBuf),
    /// Everything: nobody else knows what the configuration says.
    Each {
        /// The operator's credential.
        credential: PathBuf,
        /// Who vouches for the services, where they speak TLS and their configuration tells.
        ca: Option<PathBuf>,
    },
}

impl Said {
    /// As options of a call to the identity service at `identity`.
    fn options(&self, identity: &str) -> String {
        match self {
            Self::Folder(folder) => format!(" --data-dir {}", folder.display()),
            Self::Each { credential, ca } => {
                let ca = ca.as_ref().map(|file| format!(" --ca {}", file.display())).unwrap_or_default();
                let credential = credential.display();
                format!(" --identity {identity} --address {identity} --credential {credential}{ca}")
            }
        }
    }
}

fn operator(credentials: &Path) -> PathBuf {
    credentials.join("suite-operator.json")
}

fn ca(configs: &Configs) -> Option<PathBuf> {
    configs.registry.client_tls.as_ref().and_then(|tls| tls.ca.clone())
}

async fn serve(configs: Configs, credential: &Path, said: Said) -> Result<()> {
    let mut signals = Signals::listen()?;
    let suite = Suite::start(configs).await?;
    for (service, url) in suite.urls() {
        say::out(&format!("{:<14} {url}", service.name()))?;
    }
    say::out(&format!("{:<14} {}", "credential", credential.display()))?;
    let program = program();
    let identity = suite.urls().find(|(service, _)| *service == Service::Identity);
    let options = said.options(identity.map(|(_, url)| url).unwrap_or_default());
    say::note("");
    say::note("next:");
    say::note(&format!("  {program} list"));
    say::note(&format!("  {program} call OrganizationService.ListOrganizations{options}"));
    say::note(&format!("  {program} describe OrganizationService.CreateOrganization"));
    say::note("Ctrl-C ends the suite.");
    suite.run_to_the_end(&mut signals).await
}
