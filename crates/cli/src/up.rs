//! `greenroom up`: the suite on this machine, without demo data.

use crate::demo::program;
use crate::failure::Result;
use crate::folder::{DEFAULT_PORT, Folder};
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
            let credentials = configs.identity.credentials_dir.clone();
            return serve(configs, &credentials, None).await;
        }
        let mut folder = Folder::open(data_dir)?;
        folder.settle_on(self.port_base)?;
        let places = folder.places().clone();
        serve(Configs::in_folder(&places, self.port_base), &places.credentials(), Some(data_dir)).await
    }
}

async fn serve(configs: Configs, credentials: &Path, data_dir: Option<&Path>) -> Result<()> {
    let mut signals = Signals::listen()?;
    let suite = Suite::start(configs).await?;
    for (service, url) in suite.urls() {
        say::out(&format!("{:<14} {url}", service.name()))?;
    }
    let operator = credentials.join("suite-operator.json");
    say::out(&format!("{:<14} {}", "credential", operator.display()))?;
    let program = program();
    let folder = data_dir.map(|it| format!(" --data-dir {}", it.display())).unwrap_or_default();
    say::note("");
    say::note("next:");
    say::note(&format!("  {program} list"));
    say::note(&format!("  {program} call{folder} OrganizationService.ListOrganizations"));
    say::note(&format!("  {program} describe OrganizationService.CreateOrganization"));
    say::note("Ctrl-C ends the suite.");
    suite.run_to_the_end(&mut signals).await
}
