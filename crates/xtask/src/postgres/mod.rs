//! A PostgreSQL cluster that lives as long as one command.

mod account;
mod programs;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use signal_hook::consts::SIGQUIT;
use tempfile::TempDir;

use crate::failure::{Context, Failure, Result};
use crate::{interrupt, run, workspace};
use account::Account;
pub use programs::Programs;

/// How long a server may take to start. A limit for a machine that hangs, not a wait.
const START_LIMIT: Duration = Duration::from_mins(2);
/// Someone else may take the free port before the server does.
const ATTEMPTS: usize = 3;
/// What the server prints once it can be used.
const READY: &str = "database system is ready to accept connections";
/// Nothing in this cluster outlives the command: it need not survive a power cut.
const SETTINGS: [&str; 9] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "lc_messages=C",
    "timezone=UTC",
    "log_destination=stderr",
];

/// A running server with data of its own. Dropping it stops the server and removes the data.
pub struct Cluster {
    programs: Programs,
    password: String,
    port: u16,
    server: Child,
    // Removed after the server has been stopped.
    _folder: TempDir,
}

impl Cluster {
    /// Makes a fresh cluster and starts it on a free port of the loopback interface.
    pub fn start(programs: Programs) -> Result<Self> {
        let account = Account::choose()?;
        let folder = tempfile::Builder::new()
            .prefix("greenroom-postgres-")
            .tempdir()
            .context(|| "could not make a temporary folder".to_owned())?;
        let password = random()?;
        create(&programs, &account, folder.path(), &password)?;
        let (server, port) = serve(&programs, &account, folder.path())?;
        Ok(Self { programs, password, port, server, _folder: folder })
    }

    /// The address of a database in this cluster, for its superuser.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    /// For people: which server this is.
    pub fn description(&self) -> String {
        format!("{} (own cluster on 127.0.0.1:{})", self.programs.version(), self.port)
    }

    /// Creates a database.
    pub fn create_database(&self, name: &str) -> Result<()> {
        let create = format!("CREATE DATABASE {name}");
        run::output(self.psql("postgres").args(["--command", &create])).map(drop)
    }

    /// Runs a file of statements in one transaction.
    pub fn apply(&self, database: &str, file: &Path) -> Result<()> {
        run::output(self.psql(database).arg("--single-transaction").arg("--file").arg(file)).map(drop)
    }

    fn psql(&self, database: &str) -> Command {
        let mut psql = Command::new(self.programs.path("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", &self.url(database)]);
        psql
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        stop(&mut self.server);
    }
}

/// Stops at once: the data is thrown away, so there is nothing to write down first. The server tells its own children.
fn stop(server: &mut Child) {
    let _ = interrupt::send(SIGQUIT, server.id());
    let _ = server.wait();
}

/// Makes the data folder. The password keeps other users of the machine out: a superuser of PostgreSQL can run programs.
fn create(programs: &Programs, account: &Account, folder: &Path, password: &str) -> Result<()> {
    let secret = folder.join("password");
    fs::write(&secret, password).context(|| format!("could not write `{}`", secret.display()))?;
    account.own(&secret)?;
    account.own(folder)?;
    let locale = if cfg!(target_os = "linux") { "C.UTF-8" } else { "C" };
    run::output(
        account
            .command(&programs.path("initdb"))
            .args([
                "--username=postgres",
                "--auth=password",
                "--encoding=UTF8",
                "--no-sync",
                // A linguistic order by default, so that a key column without `COLLATE "C"` fails a paging test.
                "--locale-provider=icu",
                "--icu-locale=en-US",
            ])
            .arg(format!("--locale={locale}"))
            .arg(format!("--pwfile={}", secret.display()))
            .arg(format!("--pgdata={}", folder.join("data").display()))
            .current_dir(folder),
    )
    .map(drop)
}

fn serve(programs: &Programs, account: &Account, folder: &Path) -> Result<(Child, u16)> {
    let mut attempts = ATTEMPTS;
    loop {
        attempts -= 1;
        let port = free_port()?;
        match attempt(programs, account, folder, port) {
            Ok(server) => return Ok((server, port)),
            Err(failure) if attempts == 0 || !is_address_taken(&failure) => return Err(failure),
            Err(_) => {}
        }
    }
}

fn is_address_taken(failure: &Failure) -> bool {
    failure.to_string().contains("Address already in use")
}

fn attempt(programs: &Programs, account: &Account, folder: &Path, port: u16) -> Result<Child> {
    let mut command = account.command(&programs.path("postgres"));
    command.arg("-D").arg(folder.join("data")).args(["-c", &format!("port={port}")]);
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    // A process group of its own: Ctrl-C is for the tests; the server ends after them.
    command
        .current_dir(folder)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut server = command.spawn().context(|| "could not start PostgreSQL".to_owned())?;
    let started = server
        .stderr
        .take()
        .ok_or_else(|| Failure::new("PostgreSQL has no log"))
        .and_then(|log| wait_until_ready(log, &folder.join("log")));
    match started {
        Ok(()) => Ok(server),
        Err(failure) => {
            stop(&mut server);
            Err(failure)
        }
    }
}

/// Keeps the server's log and waits for the line that says it is ready.
fn wait_until_ready(log: ChildStderr, kept: &Path) -> Result<()> {
    let file = File::create(kept).context(|| format!("could not write `{}`", kept.display()))?;
    match listen(log, file).recv_timeout(START_LIMIT) {
        Ok(()) => Ok(()),
        Err(cause) => {
            let said = workspace::read(kept).unwrap_or_default();
            let how = match cause {
                RecvTimeoutError::Timeout => "did not start in time",
                RecvTimeoutError::Disconnected => "ended at once",
            };
            Err(Failure::new(format!("PostgreSQL {how}; it said:\n{}", said.trim_end())))
        }
    }
}

/// Reads the log to its end, on a thread of its own, so that the server never waits for a reader.
fn listen(log: impl Read + Send + 'static, mut kept: File) -> Receiver<()> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(std::result::Result::ok) {
            // Neither a full disk nor a caller that has moved on may stop the reading.
            let _ = writeln!(kept, "{line}");
            if line.contains(READY) {
                let _ = sender.send(());
            }
        }
    });
    receiver
}

fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .context(|| "could not find a free port".to_owned())
}

/// 128 random bits in letters that need no quoting.
fn random() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .context(|| "could not read `/dev/urandom`".to_owned())?;
    Ok(format!("{:032x}", u128::from_le_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_kept_and_the_ready_line_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("log");
        let log = format!("LOG: starting\nLOG: {READY}\nLOG: more\n");

        let ready = listen(std::io::Cursor::new(log), File::create(&kept).unwrap());

        assert!(ready.recv().is_ok());
        // The sender is dropped when the log has been read to its end.
        assert!(ready.recv().is_err());
        assert!(workspace::read(&kept).unwrap().ends_with("LOG: more\n"));
    }

    #[test]
    fn a_log_that_ends_before_the_ready_line_is_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let kept = File::create(folder.path().join("log")).unwrap();

        assert!(listen(std::io::Cursor::new("FATAL: no"), kept).recv().is_err());
    }

    #[test]
    fn a_taken_port_is_told_from_other_failures() {
        assert!(is_address_taken(&Failure::new("could not bind IPv4 address: Address already in use")));
        assert!(!is_address_taken(&Failure::new("out of memory")));
    }

    #[test]
    fn passwords_are_long_and_differ() {
        let (first, second) = (random().unwrap(), random().unwrap());

        assert_eq!(first.len(), 32);
        assert_ne!(first, second);
    }
}
