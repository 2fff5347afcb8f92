use crate::support::{binary, good};
use std::path::Path;

#[test]
fn the_help_is_what_the_golden_file_says() {
    let commands: [&[&str]; 21] = [
        &["--help"],
        &["demo", "--help"],
        &["up", "--help"],
        &["token", "--help"],
        &["call", "--help"],
        &["list", "--help"],
        &["describe", "--help"],
        &["import", "--help"],
        &["client", "--help"],
        &["client", "create", "--help"],
        &["client", "rotate-key", "--help"],
        &["client", "rotate-secret", "--help"],
        &["client", "ending", "--help"],
        &["standard", "--help"],
        &["standard", "list", "--help"],
        &["standard", "show", "--help"],
        &["keys", "--help"],
        &["keys", "list", "--help"],
        &["keys", "rotate-master", "--help"],
        &["keys", "forget-master", "--help"],
        &["verify", "--help"],
    ];
    let mut told = String::new();
    for arguments in commands {
        let text = good(&binary(arguments).output().unwrap());
        told.push_str(&["$ greenroom ", &arguments.join(" "), "\n", &text, "\n"].concat());
    }

    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/help.txt");
    if std::fs::read_to_string(&golden).unwrap_or_default() != told {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("help.txt");
        std::fs::write(&new, told).unwrap();
        panic!("the help has changed; if it should have: cp {} {}", new.display(), golden.display());
    }
}

#[test]
fn every_method_is_listed_with_a_sentence() {
    let told = good(&binary(&["list"]).output().unwrap());

    assert!(told.contains("PermissionService.CheckPermission") && told.contains("Decides for one streamer."));
}

#[test]
fn a_method_is_described_with_its_request_and_its_answer() {
    let told = good(&binary(&["describe", "CheckPermission"]).output().unwrap());

    for part in
        ["permissions.check", "message greenroom.registry.v1.CheckPermissionRequest", "at_least_revision"]
    {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn nobody_is_troubled_when_the_reader_has_seen_enough() {
    let program = env!("CARGO_BIN_EXE_greenroom");
    let script = format!("set -o pipefail; '{program}' list | head -1 > /dev/null");

    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();

    assert!(output.status.success() && output.stderr.is_empty());
}
