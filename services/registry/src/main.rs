//! The registry service as a program.

use clap::Parser;
use greenroom_registry::{Config, start};
use greenroom_rpc::clock::SystemClock;
use greenroom_rpc::{config, telemetry};
use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The registry service of Greenroom.
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
            // Nothing can be done about a standard error that is closed.
            drop(writeln!(std::io::stderr(), "greenroom-registry: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let config: Config = config::load(&arguments.config)?;
    telemetry::init(&config.log, config.log_format);
    let shutdown = CancellationToken::new();
    let running = start(config, Arc::new(SystemClock), shutdown.clone()).await?;
    tracing::info!(address = %running.address, "the registry service listens");
    let (mut interrupted, mut terminated) =
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut join = running.join;
    tokio::select! {
        ended = &mut join => return Ok(ended??),
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
    }
    tracing::info!("shutting down: calls under way have ten seconds to end");
    shutdown.cancel();
    Ok(join.await??)
}
