//! Runs other programs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::failure::{Context, Failure, Result};
use crate::{interrupt, workspace};

/// An environment variable of this process.
#[expect(
    clippy::disallowed_methods,
    reason = "a build tool reads its environment; this is its one place to do so"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The cargo that runs this tool, from the top of the tree, without what `cargo run` told this process about itself:
/// build scripts would see those variables change and run again.
pub fn cargo() -> Command {
    let mut command = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".to_owned()));
    command.current_dir(workspace::root());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_about_this_package) {
            command.env_remove(name);
        }
    }
    command
}

fn is_about_this_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"].iter().any(|prefix| variable.starts_with(prefix))
        || matches!(variable, "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR")
}

/// Runs a program whose output the person sees. Fails unless it succeeds.
pub fn run(command: &mut Command) -> Result<()> {
    interrupt::check()?;
    let shown = shown(command);
    let mut child = command.stdin(Stdio::null()).spawn().context(|| format!("could not start `{shown}`"))?;
    interrupt::watch(Some(child.id()));
    let ended = child.wait();
    interrupt::watch(None);
    let status = ended.context(|| format!("could not wait for `{shown}`"))?;
    interrupt::check()?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{shown}` failed, {status}"))) }
}

/// Runs a program and returns what it wrote to standard output. Fails, with what it wrote to standard error, unless it
/// succeeds.
pub fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let Output { status, stdout, stderr } = silent(command)?;
    if status.success() {
        Ok(String::from_utf8_lossy(&stdout).trim_end().to_owned())
    } else {
        Err(Failure::new(format!(
            "`{shown}` failed, {status}\n{}",
            String::from_utf8_lossy(&stderr).trim_end()
        )))
    }
}

/// Whether a program can be started and succeeds. Its output is not shown.
pub fn succeeds(command: &mut Command) -> bool {
    silent(command).is_ok_and(|output| output.status.success())
}

fn silent(command: &mut Command) -> Result<Output> {
    let shown = shown(command);
    command.stdin(Stdio::null()).output().context(|| format!("could not start `{shown}`"))
}

/// Where a program is on the search path.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = variable("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = program.file_name().into_iter().chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_program_is_named_with_its_arguments_and_its_complaint() {
        let failure = output(Command::new("/bin/sh").args(["-c", "echo no luck >&2; exit 3"])).unwrap_err();

        assert!(failure.to_string().contains("`sh -c echo no luck"), "{failure}");
        assert!(failure.to_string().ends_with("no luck"), "{failure}");
    }

    #[test]
    fn the_output_of_a_program_loses_its_last_newline() {
        assert_eq!(output(Command::new("echo").arg("hello")).unwrap(), "hello");
    }

    #[test]
    fn a_missing_program_does_not_succeed() {
        assert!(!succeeds(&mut Command::new("there-is-no-such-program")));
        assert_eq!(find("there-is-no-such-program"), None);
    }

    #[test]
    fn what_cargo_run_says_about_this_package_is_not_handed_on() {
        assert!(is_about_this_package("CARGO_PKG_VERSION"));
        assert!(is_about_this_package("CARGO_MANIFEST_DIR"));
        assert!(!is_about_this_package("CARGO_HOME"));
        assert!(!is_about_this_package("CARGO_TARGET_DIR"));
    }
}
