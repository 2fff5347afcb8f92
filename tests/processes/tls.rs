//! The README's certificates, with real programs and a client that other people wrote.

use super::suite::{outside, program, up_configured};
use greenroom_testkit::ports::Ports;
use greenroom_tests::with_tls;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const README: &str = include_str!("../../README.md");

/// The commands of the README between two marks.
fn commands(mark: &str) -> String {
    let begun = README.split(&format!("<!-- {mark} -->")).nth(1).unwrap();
    let block = begun.split(&format!("<!-- /{mark} -->")).next().unwrap();
    block.lines().filter(|line| !line.starts_with("```")).collect::<Vec<_>>().join("\n")
}

fn shell(folder: &Path, script: &str) -> Output {
    let programs = program("greenroom").parent().unwrap().display().to_string();
    let path = format!("{}:{programs}:{}", outside("").display(), std::env!("PATH"));
    Command::new("bash")
        .args(["-eo", "pipefail", "-c", script])
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap()
}

/// The examples of `deploy/config` as the README says to change them, in a folder and on ports of their own.
fn configure(folder: &Path, ports: &Ports) {
    let config = folder.join("config");
    std::fs::create_dir(&config).unwrap();
    std::fs::create_dir(folder.join("data")).unwrap();
    let examples = [
        ("identity.toml", include_str!("../../deploy/config/identity.toml")),
        ("certification.toml", include_str!("../../deploy/config/certification.toml")),
        ("registry.toml", include_str!("../../deploy/config/registry.toml")),
    ];
    for (name, example) in examples {
        let text = with_tls(example)
            .replace("http://127.0.0.1", "https://127.0.0.1")
            .replace("client_certificates = \"none\"", "client_certificates = \"required\"");
        std::fs::write(config.join(name), here(&text, folder, ports)).unwrap();
    }
}

/// Puts another folder and other ports into a text.
fn here(text: &str, folder: &Path, ports: &Ports) -> String {
    let folder = folder.display().to_string();
    let text = text.replace("/etc/greenroom/tls", &format!("{folder}/tls"));
    let text = text.replace("/var/lib/greenroom", &format!("{folder}/data"));
    (0..).zip(["7101", "7102", "7103"]).fold(text, |text, (more, port)| {
        text.replace(&format!("127.0.0.1:{port}"), &format!("127.0.0.1:{}", ports.base + more))
    })
}

#[test]
fn outside_grpcurl_and_the_operators_tool_pass_with_the_readmes_certificates_and_nobody_without() {
    let (folder, ports) = (TempDir::new().unwrap(), Ports::claim());
    let made = shell(folder.path(), &commands("certificates"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    configure(folder.path(), &ports);
    let suite = up_configured(&folder.path().join("config"));

    let walk = commands("mutual").replace("greenroom up --config-dir deploy/config", "");
    let walked = shell(folder.path(), &here(&walk, folder.path(), &ports));
    let printed = String::from_utf8_lossy(&walked.stdout);
    assert!(walked.status.success(), "{printed}\n{}", String::from_utf8_lossy(&walked.stderr));
    assert!(printed.contains("SERVING") && printed.contains("organizations/suite"), "{printed}");

    let without = walk.replace("-cert tls/operator.pem -key tls/operator.key ", "");
    assert_ne!(without, walk);
    assert!(!shell(folder.path(), &here(&without, folder.path(), &ports)).status.success());
    let without = walk
        .replace("GREENROOM_CLIENT_CERTIFICATE=tls/operator.pem GREENROOM_CLIENT_KEY=tls/operator.key", "");
    assert_ne!(without, walk);
    let refused = shell(folder.path(), &here(&without, folder.path(), &ports));
    assert!(!refused.status.success());
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.lines().any(|line| line.starts_with("greenroom: ")), "{told}");
    suite.terminate();
}
