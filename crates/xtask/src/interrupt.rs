//! Ctrl-C and its relatives: the running tool is told, and whoever holds a database cluster gets to stop it.
//!
//! The signal only ends the current tool; the failure then travels up like any other, so that every guard is dropped
//! and nothing is left running.

use std::io::{IsTerminal, stdin};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::{Context, Failure, Result};

/// The signal that arrived, or nought.
static RAISED: AtomicI32 = AtomicI32::new(0);
/// The process id of the tool that runs now.
static RUNNING: Mutex<Option<u32>> = Mutex::new(None);

/// Starts to listen. From here on a signal no longer ends this process by itself.
pub fn listen() -> Result<()> {
    let mut signals =
        Signals::new([SIGHUP, SIGINT, SIGTERM]).context(|| "could not listen for signals".to_owned())?;
    thread::spawn(move || {
        for signal in signals.forever() {
            RAISED.store(signal, Ordering::SeqCst);
            // The terminal sends Ctrl-C to the tool as well; two of them would make it drop everything at once.
            if signal != SIGINT || !stdin().is_terminal() {
                forward(signal);
            }
        }
    });
    Ok(())
}

/// The exit code a shell expects after a signal, if one arrived.
pub fn exit_code() -> Option<u8> {
    match RAISED.load(Ordering::SeqCst) {
        0 => None,
        signal => u8::try_from(128 + signal).ok(),
    }
}

/// Fails if a signal has arrived: no further tool is started then.
pub fn check() -> Result<()> {
    match exit_code() {
        None => Ok(()),
        Some(_) => Err(Failure::new("interrupted")),
    }
}

/// Names the tool that signals are handed to; `None` when it has ended.
pub fn watch(process: Option<u32>) {
    *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) = process;
}

fn forward(signal: i32) {
    let running = *RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(process) = running {
        // Nothing to do about a failure: the tool has just ended.
        let _ = send(signal, process);
    }
}

/// Sends a signal to a process. By way of the shell, whose `kill` needs no package and no unsafe code.
pub fn send(signal: i32, process: u32) -> Result<()> {
    Command::new("sh")
        .args(["-c", &format!("kill -{signal} {process}")])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map(|_| ())
        .context(|| format!("could not signal process {process}"))
}
