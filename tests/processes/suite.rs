//! Programs under test, as a user would start them.

use greenroom_testkit::ports::Ports;
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A program of the workspace, built beside this test.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join(name);
    assert!(program.exists(), "{} is missing; `cargo xtask test` builds it first", program.display());
    program
}

/// A program of the outside clients.
#[expect(clippy::disallowed_methods, reason = "set by `cargo xtask test` for this one purpose")]
pub fn outside(name: &str) -> PathBuf {
    let folder = std::env::var("GREENROOM_OUTSIDE_CLIENTS");
    let folder = folder
        .expect("GREENROOM_OUTSIDE_CLIENTS is not set; `cargo xtask test` installs clients and sets it");
    Path::new(&folder).join(name)
}

/// A script of the outside clients.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("outside").join(name)
}

/// A process that is ended with its test.
pub struct Process(Child);

impl Process {
    fn signal(&mut self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let ended = self.0.wait().unwrap();
        assert_eq!(ended.code(), Some(0), "{signal} did not end it cleanly");
    }

    /// Sends SIGTERM and expects it to drain and to exit with 0.
    pub fn terminate(mut self) {
        self.signal("-TERM");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The demo, up and waiting.
pub struct Demo {
    /// Its data folder.
    pub folder: TempDir,
    /// Its first port.
    pub base: u16,
    process: Process,
    printed: Vec<String>,
    ports: Ports,
}

impl Demo {
    /// Starts the demo on free ports and waits until it has printed everything.
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let ports = Ports::claim();
        let base = ports.base;
        let mut child = Command::new(program("greenroom"))
            .args(["demo", "--port-base", &base.to_string()])
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let process = Process(child);
        let mut printed = Vec::new();
        for line in stdout.lines() {
            printed.push(line.unwrap());
            // The last command it prints.
            if printed.last().is_some_and(|line| line.contains(" call ") && line.contains("CheckPermission"))
            {
                break;
            }
        }
        assert!(printed.iter().any(|line| line.starts_with("grpcurl ")), "{}", printed.join("\n"));
        Self { folder, base, process, printed, ports }
    }

    /// The lines it printed that begin with a word.
    pub fn pasted(&self, word: &str) -> Vec<String> {
        self.printed.iter().filter(|line| line.starts_with(word)).cloned().collect()
    }

    /// The streamer the printed lines are about.
    pub fn streamer(&self) -> String {
        let line = self.pasted("grpcurl ").into_iter().find(|line| line.contains("streamers/")).unwrap();
        let from = line.find("streamers/").unwrap();
        line[from..].chars().take_while(|c| *c != '"').collect()
    }

    /// Checks a streamer as the demo's platform.
    pub fn check(&self, streamer: &str) -> Value {
        let request = serde_json::json!({ "streamer": streamer });
        call(self.folder.path(), self.base, "demo-platform", "PermissionService.CheckPermission", &request)
    }

    /// A token for one of the clients whose credentials are in the data folder.
    pub fn token(&self, client: &str, audience: &str) -> String {
        let data = self.folder.path().join(".greenroom");
        let done = Command::new(program("greenroom"))
            .args(["token", "--audience", audience, "--credential"])
            .arg(data.join("credentials").join(client).with_extension("json"))
            .arg("--data-dir")
            .arg(&data)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// Ends it as Ctrl-C does; gives its data folder and ports.
    pub fn stop(mut self) -> (TempDir, Ports) {
        self.process.signal("-INT");
        (self.folder, self.ports)
    }
}

/// Calls a method with the operator's tool, as one of the clients whose credentials are in the data folder.
pub fn call(folder: &Path, base: u16, client: &str, method: &str, request: &Value) -> Value {
    let data = folder.join(".greenroom");
    let identity = ["ClientService", "TokenService"].iter().any(|service| method.starts_with(service));
    let port = base + if identity { 0 } else { 2 };
    let done = Command::new(program("greenroom"))
        .args(["call", method, &request.to_string()])
        .args(["--address", &format!("http://127.0.0.1:{port}")])
        .args(["--identity", &format!("http://127.0.0.1:{base}")])
        .arg("--credential")
        .arg(data.join("credentials").join(client).with_extension("json"))
        .arg("--data-dir")
        .arg(&data)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// Starts the suite that is configured in a folder and waits until it serves.
pub fn up_configured(config: &Path) -> Process {
    let mut child = Command::new(program("greenroom"))
        .args(["up", "--log", "warn", "--config-dir"])
        .arg(config)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let process = Process(child);
    let mut lines = stdout.lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("credential")), "the suite ended before it served");
    process
}

/// Starts each service as a process of its own on a data folder, and waits until each says that it serves. `of_identity` is
/// what identity's configuration says besides.
pub fn services_alone(folder: &Path, base: u16, of_identity: &str) -> Vec<Process> {
    let data = folder.join(".greenroom");
    ["identity", "certification", "registry"]
        .into_iter()
        .zip(base..)
        .map(|(name, port)| alone(name, port, base, &data, of_identity))
        .collect()
}

fn alone(name: &str, port: u16, base: u16, data: &Path, of_identity: &str) -> Process {
    let folder = data.display();
    let identity = format!("identity_url = \"http://127.0.0.1:{base}\"");
    let credential = format!("credential_file = \"{folder}/credentials/{name}.json\"");
    let keys = format!("keys_file = \"{folder}/{name}.keys\"");
    let own = match name {
        "identity" => {
            vec![keys, format!("credentials_dir = \"{folder}/credentials\""), of_identity.to_owned()]
        }
        "certification" => vec![keys, identity, credential],
        _ => vec![identity, credential, format!("certification_url = \"http://127.0.0.1:{}\"", base + 1)],
    };
    let common = [
        format!("listen = \"127.0.0.1:{port}\""),
        format!("issuer = \"http://127.0.0.1:{base}\""),
        format!("database_url = \"sqlite:{folder}/{name}.db\""),
    ];
    let config = [common.as_slice(), own.as_slice()].concat().join("\n");
    let file = data.join(name).with_extension("toml");
    std::fs::write(&file, config).unwrap();
    let child =
        Command::new(program(&format!("greenroom-{name}"))).arg("--config").arg(&file).spawn().unwrap();
    let process = Process(child);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(greenroom_tests::serving(&format!("http://127.0.0.1:{port}")));
    process
}
