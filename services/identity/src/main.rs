//! `greenroom-identity --config FILE`: runs the service until SIGINT or SIGTERM.

use clap::Parser;
use greenroom_identity::Config;
use greenroom_rpc::clock::SystemClock;
use greenroom_rpc::{config, telemetry};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The identity service: organizations, clients, tokens, persons.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            // Nobody is left to hear that standard error is closed.
            drop(writeln!(std::io::stderr(), "greenroom-identity: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let config: Config = config::load(&arguments.config)?;
    telemetry::init(&config.log, config.log_format);
    let shutdown = CancellationToken::new();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let running = greenroom_identity::start(config, Arc::new(SystemClock), shutdown.clone()).await?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        shutdown.cancel();
    });
    running.join.await??;
    Ok(())
}
