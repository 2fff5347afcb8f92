//! `greenroom keys`: the master keys of the identity service, on the machine that has its keys file.

use crate::failure::{Failure, Result};
use crate::folder::Places;
use crate::reach::clock;
use crate::say;
use crate::suite::Configs;
use clap::{Args, Subcommand};
use greenroom_identity::{
    Begin, Config, MasterState, Origin, Pace, Progress, Rotated, RotationError, forget_master, list_masters,
    rotate_master, stage_master,
};
use greenroom_rpc::config;
use indicatif::ProgressBar;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const ROWS_BAR: &str = "{msg} {bar:40} {pos}/{len} rows {per_sec} ({eta} left)";
/// How often the progress is told where nobody sees a bar.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Arguments of `greenroom keys`.
#[derive(Args, Debug)]
#[command(after_help = "The identity service may run meanwhile: it notices a changed keys file by itself.

Examples:
  greenroom keys list
  greenroom keys rotate-master --config deploy/config/identity.toml
  greenroom keys forget-master 5b0c9a17 --config deploy/config/identity.toml")]
pub struct Keys {
    /// The identity service's configuration [default: that of the suite run on the data folder]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Shows the master keys, and how much is wrapped with each
    List,
    /// Makes a new master key the present one and wraps everything with it; goes on with a rotation that was cut off
    RotateMaster {
        /// Goes on with what was begun, and never begins anything
        #[arg(long)]
        resume: bool,
        /// Only adds the key, so that the file can be given to other machines before the key is used
        #[arg(long, conflicts_with = "resume")]
        stage: bool,
    },
    /// Takes a master key that wraps nothing any more out of the keys file for good
    ForgetMaster {
        /// The key's id, as `greenroom keys list` shows it
        #[arg(value_name = "ID")]
        id: String,
    },
}

impl Keys {
    /// Does what is asked.
    pub async fn run(&self, places: &Places) -> Result<()> {
        let config = match &self.config {
            Some(file) => config::load(file).map_err(|error| Failure::new(error.to_string()))?,
            None => Configs::in_folder(places, places.port_base()).identity,
        };
        match &self.command {
            Command::List => list(&config).await,
            Command::RotateMaster { stage: true, .. } => {
                let id = stage_master(&config).map_err(|error| failed(&error))?;
                say::out(&format!("staged {id}"))?;
                say::note("give the keys file to every machine, then rotate");
                Ok(())
            }
            Command::RotateMaster { resume: true, .. } => rotate(&config, Begin::Resume).await,
            Command::RotateMaster { .. } => rotate(&config, Begin::Anew).await,
            Command::ForgetMaster { id } => {
                let forgotten = forget_master(&config, id, clock().now()).await;
                forgotten.map_err(|error| failed(&error))?;
                say::out(&format!("forgot {id}"))
            }
        }
    }
}

fn failed(error: &RotationError) -> Failure {
    Failure::new(error.to_string())
}

async fn list(config: &Config) -> Result<()> {
    let keys = list_masters(config).await.map_err(|error| failed(&error))?;
    let mut table = say::table(&["master key", "state", "persons", "signing keys"]);
    for key in keys {
        let state = match key.state {
            MasterState::Present => "present",
            MasterState::Staged => "staged",
            MasterState::Former => "former",
            MasterState::Missing => "not in the keys file",
        };
        table.add_row([&key.id, state, &key.persons.to_string(), &key.signing_keys.to_string()]);
    }
    say::out(&table.to_string())
}

async fn rotate(config: &Config, begin: Begin) -> Result<()> {
    let mut shown = Shown::new();
    let rotated =
        rotate_master(config, &clock(), begin, Pace::default(), |progress| shown.tell(progress)).await;
    shown.bar.finish_and_clear();
    let Rotated { present, origin, rewrapped, remaining } = rotated.map_err(|error| failed(&error))?;
    let origin = match origin {
        Origin::Made => "new",
        Origin::Staged => "staged before",
        Origin::Earlier => "of a rotation begun before",
    };
    say::out(&format!("present {present} ({origin}); {rewrapped} rows wrapped with it"))?;
    if remaining > 0 {
        return Err(Failure::new(format!(
            "{remaining} rows are wrapped with other keys: a service goes on writing with one; give it this keys file, and \
             run again with `--resume`"
        )));
    }
    say::note(
        "back up the keys file; the former keys stay in it until you forget them: `greenroom keys list`, then \
         `greenroom keys forget-master ID`",
    );
    Ok(())
}

/// A bar for people, lines now and then for everything else.
struct Shown {
    bar: ProgressBar,
    lines: bool,
    told: Option<Instant>,
}

impl Shown {
    fn new() -> Self {
        let bar = say::bar(0, ROWS_BAR);
        bar.set_message("wrapping");
        Self { bar, lines: !std::io::stderr().is_terminal(), told: None }
    }

    fn tell(&mut self, progress: Progress) {
        let count = |rows: i64| rows.try_into().unwrap_or_default();
        self.bar.set_length(count(progress.total));
        self.bar.set_position(count(progress.done));
        let due = self.told.is_none_or(|told| told.elapsed() >= TELL_EVERY);
        if self.lines && due && progress.total > 0 {
            self.told = Some(Instant::now());
            say::note(&format!("wrapping: {} of {} rows", progress.done, progress.total));
        }
    }
}
