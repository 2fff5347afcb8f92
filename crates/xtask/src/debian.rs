//! Installs what is missing on a bare Debian machine; says what to do on any other.

use std::process::Command;

use crate::failure::{Failure, Result};
use crate::{run, say};

/// Whether this process may do everything on this machine.
pub fn is_root() -> bool {
    run::output(Command::new("id").arg("-u")).is_ok_and(|user| user == "0")
}

/// Installs Debian packages. Fails with what to do by hand where that is not possible; `what` names the thing needed.
pub fn install(packages: &[&str], what: &str) -> Result<()> {
    if run::find("apt-get").is_none() {
        return Err(Failure::new(format!(
            "{what} is needed and this is not a Debian machine: install it, see to it that it is on the search path, \
             and run the command again"
        )));
    }
    let Some(privilege) = privilege() else {
        return Err(Failure::new(format!(
            "{what} is needed and this user may not install it: run `sudo apt-get install {}`, then the command again",
            packages.join(" ")
        )));
    };
    say::line(&format!("installing {} ({what} is missing)", packages.join(" ")));
    run::run(&mut apt(privilege, &["update", "-qq"]))?;
    run::run(apt(privilege, &["install", "-qq", "-y", "--no-install-recommends"]).args(packages))
}

/// The words that go before a command that only root may run; `None` if there are none that work.
fn privilege() -> Option<&'static [&'static str]> {
    if is_root() {
        Some(&[])
    } else if run::succeeds(Command::new("sudo").args(["-n", "true"])) {
        Some(&["sudo", "-n"])
    } else {
        None
    }
}

/// `env` sets the variable on the far side of `sudo`, which would drop it.
fn apt(privilege: &[&str], arguments: &[&str]) -> Command {
    let words: Vec<&str> = privilege
        .iter()
        .chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
        .chain(arguments)
        .copied()
        .collect();
    let (program, rest) = words.split_first().unwrap_or((&"apt-get", &[]));
    let mut command = Command::new(program);
    command.args(rest);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(command: &Command) -> Vec<String> {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        words.map(|word| word.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn packages_are_installed_without_questions() {
        assert_eq!(
            words(&apt(&[], &["update"])),
            ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "update"]
        );
    }

    #[test]
    fn an_ordinary_user_goes_by_way_of_sudo() {
        assert_eq!(words(&apt(&["sudo", "-n"], &["update"])).first().unwrap(), "sudo");
    }
}
