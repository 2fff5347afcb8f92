//! The certification service as a program.

use clap::Parser;
use greenroom_certification::{Config, start};
use greenroom_rpc::clock::SystemClock;
use greenroom_rpc::{config, telemetry};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Keeps occupational standards, issuers and certificates.
#[derive(Parser)]
#[command(name = "greenroom-certification", version)]
struct Arguments {
    /// The configuration file (TOML).
    #[arg(long)]
    config: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let config: Config = config::load(&arguments.config)
        .inspect_err(|_| telemetry::init("info", telemetry::LogFormat::Text))?;
    telemetry::init(&config.log, config.log_format);
    let shutdown = CancellationToken::new();
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let asked = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        asked.cancel();
    });
    let running = start(config, Arc::new(SystemClock), shutdown).await?;
    Ok(running.join.await??)
}
