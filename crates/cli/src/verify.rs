//! `greenroom verify`: is everything stored still what was written?

use crate::failure::{Failure, Result};
use crate::folder::Places;
use crate::reach::Service;
use crate::say::{self, Steps};
use crate::suite::Configs;
use clap::Args;
use greenroom_feed::verify::Report;
use std::fmt::Display;
use std::path::PathBuf;

/// How many differences are named for each service.
const NAMED: usize = 20;

/// Arguments of `greenroom verify`.
#[derive(Args, Debug)]
#[command(
    after_help = "Walks each service's event log along its hash chain, and holds every row against the last event about it.
Exits with 1 if anything differs, and names it. Writes that happen meanwhile show as differences: while the suite runs,
verify again before you believe one.

Examples:
  greenroom verify
  greenroom verify --data-dir /var/lib/greenroom
  greenroom verify --config-dir deploy/config"
)]
pub struct Verify {
    /// Verifies what identity.toml, certification.toml and registry.toml in this folder name, instead of the data folder
    #[arg(long, value_name = "DIR")]
    config_dir: Option<PathBuf>,
}

/// What came of one service.
pub struct Finding {
    service: Service,
    report: Report,
}

impl Verify {
    /// Verifies all three services, shows a table, and fails if anything differs.
    pub async fn run(&self, places: &Places) -> Result<()> {
        let configs = match &self.config_dir {
            Some(folder) => Configs::read(folder)?,
            None => Configs::in_folder(there(places)?, places.port_base()),
        };
        let mut findings = Vec::new();
        let mut steps = Steps::new();
        for service in Service::ALL {
            steps.next(format!("the {} service", service.name()));
            findings.push(verify(service, &configs).await?);
        }
        steps.finish();
        drop(steps);
        say::out(&table(&findings))?;
        let faults: Vec<_> = findings.iter().flat_map(named).collect();
        if faults.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("what is stored is not what was written:\n{}", faults.join("\n"))))
    }
}

/// A service would make an empty database where there is none.
fn there(places: &Places) -> Result<&Places> {
    let missing =
        Service::ALL.into_iter().map(|service| places.database(service.name())).find(|it| !it.exists());
    match missing {
        None => Ok(places),
        Some(file) => Err(Failure::new(format!(
            "there is no database `{}`; name the data folder with `--data-dir`",
            file.display()
        ))),
    }
}

async fn verify(service: Service, configs: &Configs) -> Result<Finding> {
    let failed =
        |error: &dyn Display| Failure::new(format!("cannot verify the {} service: {error}", service.name()));
    let report = match service {
        Service::Identity => {
            greenroom_identity::verify(&configs.identity).await.map_err(|error| failed(&error))
        }
        Service::Certification => {
            greenroom_certification::verify(&configs.certification).await.map_err(|error| failed(&error))
        }
        Service::Registry => {
            greenroom_registry::verify(&configs.registry).await.map_err(|error| failed(&error))
        }
    };
    Ok(Finding { service, report: report? })
}

impl Finding {
    fn faults(&self) -> Vec<String> {
        let report = &self.report;
        let mut faults: Vec<String> = report.chain_fault.iter().map(ToString::to_string).collect();
        faults.extend(report.differing.iter().map(|it| format!("`{it}` is not what its last event says")));
        faults.extend(report.missing.iter().map(|it| format!("`{it}` has events and no row")));
        faults.extend(report.extra.iter().map(|it| format!("`{it}` has a row and no event")));
        faults
    }
}

fn table(findings: &[Finding]) -> String {
    let mut table = say::table(&["service", "events", "resources", "result"]);
    for finding in findings {
        let result = match finding.faults().len() {
            0 => "as written".to_owned(),
            1 => "1 difference".to_owned(),
            count => format!("{count} differences"),
        };
        let (events, subjects) = (finding.report.events.to_string(), finding.report.subjects.to_string());
        table.add_row([finding.service.name(), &events, &subjects, &result]);
    }
    table.to_string()
}

fn named(finding: &Finding) -> Vec<String> {
    let (name, faults) = (finding.service.name(), finding.faults());
    let mut lines: Vec<_> = faults.iter().take(NAMED).map(|fault| format!("  {name}: {fault}")).collect();
    if let Some(more) = faults.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.push(format!("  {name}: and {more} more"));
    }
    lines
}
