//! Clients that other people wrote, in other languages: what platforms use, so what the tests use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Context as _, Result};
use crate::{debian, run, workspace};

/// Installs what `tests/outside/requirements.txt` names, unless that was done before. Returns the folder with the
/// programs.
pub fn prepare() -> Result<PathBuf> {
    let wanted_file = workspace::root().join("tests/outside/requirements.txt");
    let wanted = read(&wanted_file)?;
    let folder = workspace::root().join("target/outside-clients");
    let done = folder.join("installed.txt");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(folder.join("bin"));
    }
    make_environment(&folder)?;
    run::run(
        Command::new(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(&wanted_file),
    )?;
    fs::write(&done, wanted).context(|| format!("could not write `{}`", done.display()))?;
    Ok(folder.join("bin"))
}

/// Debian ships Python without the part that makes environments.
fn make_environment(folder: &Path) -> Result<()> {
    let make = || {
        let mut command = Command::new("python3");
        command.args(["-m", "venv", "--clear"]).arg(folder);
        command
    };
    if run::find("python3").is_some() && run::succeeds(&mut make()) {
        return Ok(());
    }
    debian::install(&["python3", "python3-venv"], "Python, for the tests with other people's clients,")?;
    run::run(&mut make())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).context(|| format!("could not read `{}`", path.display()))
}
