//! A service as a program: its one argument, its configuration, its logs, and its end on a signal.

use crate::clock::{SharedClock, SystemClock};
use crate::config;
use crate::server::Running;
use crate::telemetry::{self, LogFormat};
use clap::Parser;
use serde::de::DeserializeOwned;
use std::error::Error;
use std::future::Future;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// What a program needs to know of a configuration before it starts.
pub trait Configuration: DeserializeOwned {
    /// What to log, in the syntax of `RUST_LOG`, and how log lines look.
    fn logging(&self) -> (&str, LogFormat);
}

/// Runs a service until SIGINT or SIGTERM, lets calls under way end, and exits with 0. What keeps it from running is
/// said in one line on standard error, and the exit code is 1.
pub async fn run<C, F, Fut, E>(name: &str, start: F) -> ExitCode
where
    C: Configuration,
    F: FnOnce(C, SharedClock, CancellationToken) -> Fut,
    Fut: Future<Output = Result<Running, E>>,
    E: Error + 'static,
{
    match until_signal(Arguments::parse(), start).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to hear that standard error is closed.
            drop(writeln!(std::io::stderr(), "{name}: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn until_signal<C, F, Fut, E>(arguments: Arguments, start: F) -> Result<(), Box<dyn Error>>
where
    C: Configuration,
    F: FnOnce(C, SharedClock, CancellationToken) -> Fut,
    Fut: Future<Output = Result<Running, E>>,
    E: Error + 'static,
{
    let config: C = config::load(&arguments.config)?;
    let (filter, format) = config.logging();
    telemetry::init(filter, format);
    // Listened for before the start: a signal that comes meanwhile is not lost.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let shutdown = CancellationToken::new();
    let mut running = start(config, Arc::new(SystemClock), shutdown.clone()).await?;
    tokio::select! {
        ended = &mut running.join => return Ok(ended??),
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("shutting down: calls under way have ten seconds to end");
    shutdown.cancel();
    Ok(running.join.await??)
}
