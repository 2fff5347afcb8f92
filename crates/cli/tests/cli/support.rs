//! Runs the binary: in a folder of its own, on ports of its own.

use greenroom_testkit::ports::Ports;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use tempfile::TempDir;

/// A data folder and ports.
pub struct Place {
    pub folder: TempDir,
    pub ports: Ports,
}

impl Place {
    /// A new folder, and ports nobody else has.
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), ports: Ports::claim() }
    }

    /// Where the suite's data is.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The binary with the data folder named.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = binary(arguments);
        command.arg("--data-dir").arg(self.data());
        command
    }

    /// Runs a command on this folder to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that starts the suite on these ports, to its end.
    pub fn run_suite(&self, arguments: &[&str]) -> Output {
        let base = self.ports.base.to_string();
        self.run(&[arguments, &["--port-base", &base]].concat())
    }

    /// Starts the suite and waits until it serves.
    pub fn up(&self) -> Up {
        let base = self.ports.base.to_string();
        start(self.command(&["up", "--log", "warn", "--port-base", &base]), "credential").0
    }

    /// Starts the demo and waits until everything is told. Gives what it told.
    pub fn demo(&self) -> (Up, String) {
        let base = self.ports.base.to_string();
        start(self.command(&["demo", "--port-base", &base]), "# the same without grpcurl")
    }
}

/// Starts the suite that is configured in a folder and waits until it serves.
pub fn up_configured(config: &Path) -> Up {
    start(binary(&["up", "--log", "warn", "--config-dir", text(config)]), "credential").0
}

/// Starts a suite and waits for the line after which it stays up; behind a remark one more line follows.
fn start(mut command: Command, last: &str) -> (Up, String) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut told = String::new();
    while !told.lines().any(|line| line.starts_with(last)) {
        assert!(output.read_line(&mut told).unwrap() > 0, "the suite ended before it served: {told}");
    }
    if last.starts_with('#') {
        output.read_line(&mut told).unwrap();
    }
    (Up { child, _output: output }, told)
}

/// A running suite; killed if the test forgets to end it.
pub struct Up {
    child: Child,
    /// Kept open: the suite may go on talking.
    _output: BufReader<ChildStdout>,
}

impl Up {
    /// Sends a signal, such as `INT`, and gives the exit code.
    pub fn end_by(mut self, signal: &str) -> Option<i32> {
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Ended already in a test that went well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The binary, blind to the settings of whoever runs the tests.
pub fn binary(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_greenroom"));
    for name in ["GREENROOM_DATA_DIR", "GREENROOM_CREDENTIAL", "GREENROOM_IDENTITY", "GREENROOM_LOG"] {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Standard output as text.
pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard error as text.
pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Output of a command that must have gone well.
pub fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}\n{}", out(output), err(output));
    out(output)
}

/// What a command said that must have failed with exit code 1.
pub fn bad(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}\n{}", out(output), err(output));
    err(output)
}

/// A path as an argument.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
