//! `lint`: format, compiler and contract linters, licences.

use std::process::Command;

use crate::failure::{Failure, Result};
use crate::{debian, run, say, workspace};

/// The contract's linter, from the npm registry where it is not installed.
const BUF: &str = "@bufbuild/buf@1.75.0";

/// Runs all linters; the first that finds something ends it.
pub fn lint() -> Result<()> {
    say::step("lint: format", || run::run(run::cargo().args(["fmt", "--all", "--check"])))?;
    say::step("lint: clippy", || {
        run::run(run::cargo().args([
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    say::step("lint: contract", || {
        run::run(buf()?.arg("lint").current_dir(workspace::root().join("proto")))
    })?;
    deny()
}

fn buf() -> Result<Command> {
    if let Some(installed) = run::find("buf") {
        return Ok(Command::new(installed));
    }
    if run::find("npx").is_none() {
        debian::install(&["npm"], "buf, or npm to fetch it with,")?;
    }
    let npx =
        run::find("npx").ok_or_else(|| Failure::new("npm was installed, but `npx` is not to be found"))?;
    let mut command = Command::new(npx);
    command.args(["--yes", BUF]);
    Ok(command)
}

/// Advisories are left out: they change with the day, and the same tree must always get the same answer.
fn deny() -> Result<()> {
    if run::find("cargo-deny").is_none() {
        say::line("lint: licences and sources: NOT CHECKED, cargo-deny is not installed");
        return Ok(());
    }
    say::step("lint: licences and sources", || {
        run::run(run::cargo().args(["deny", "--workspace", "check", "bans", "licenses", "sources"]))
    })
}
