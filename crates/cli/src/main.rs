//! `greenroom`: runs the suite, calls it, imports rolls, verifies what is stored, and shows it all in a demo.

mod call;
mod client;
mod contract;
mod demo;
mod failure;
mod folder;
mod import;
mod keys;
mod list;
mod reach;
mod refusal;
mod say;
mod standard;
mod suite;
mod token;
mod up;
mod verify;

use crate::failure::{Failure, Result};
use crate::folder::Places;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the Greenroom suite and talks to it: who may sell live, now, and why.
#[derive(Parser)]
#[command(version, propagate_version = true, max_term_width = 110)]
struct Cli {
    /// The data folder of a suite on this machine
    #[arg(long, global = true, value_name = "DIR", default_value = ".greenroom", env = "GREENROOM_DATA_DIR")]
    data_dir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the suite with a demo: a platform, a roll, decisions with their reasons, sessions cut within milliseconds
    Demo(demo::Demo),
    /// Runs the suite on this machine, without demo data
    Up(up::Up),
    /// Prints an access token for one service, and nothing else
    Token(token::Token),
    /// Calls any method of the suite with JSON
    Call(call::Call),
    /// Lists all methods of the suite
    List,
    /// Prints the manual of a service, method, message or enum
    Describe(list::Describe),
    /// Plans the import of a certificate roll, and applies it if asked
    Import(import::Import),
    /// Makes the credentials of clients, and shows those that end soon
    #[command(visible_alias = "clients")]
    Client(client::Client),
    /// Shows the occupational standards the suite knows
    #[command(visible_alias = "standards")]
    Standard(standard::Standard),
    /// Shows, rotates and forgets the master keys of the identity service
    Keys(keys::Keys),
    /// Walks every event log and holds every row against it
    Verify(verify::Verify),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match start(cli) {
        Ok(()) | Err(Failure::PipeClosed) => ExitCode::SUCCESS,
        Err(failure) => {
            say::note(&format!("greenroom: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(format!("cannot start: {error}")))?;
    runtime.block_on(run(cli))
}

async fn run(cli: Cli) -> Result<()> {
    let places = Places::new(&cli.data_dir);
    match cli.command {
        Command::Demo(demo) => demo.run(&cli.data_dir).await,
        Command::Up(up) => up.run(&cli.data_dir).await,
        Command::Token(token) => token.run(&places).await,
        Command::Call(call) => call.run(&places).await,
        Command::List => list::list(),
        Command::Describe(describe) => describe.run(),
        Command::Import(import) => import.run(&places).await,
        Command::Client(client) => client.run(&places).await,
        Command::Standard(standard) => standard.run(&places).await,
        Command::Keys(keys) => keys.run(&places).await,
        Command::Verify(verify) => verify.run(&places).await,
    }
}
