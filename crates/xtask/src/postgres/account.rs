//! Who the server runs as: it refuses to run as root.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use crate::failure::{Context, Failure, Result};
use crate::{debian, run};

/// The user that owns and runs a cluster.
#[derive(Debug)]
pub enum Account {
    /// Whoever runs this tool.
    Own,
    /// Another one, given as user and group id.
    Other {
        /// User id.
        user: u32,
        /// Group id.
        group: u32,
    },
}

impl Account {
    /// This user, or for root the user of Debian's packages, or else nobody.
    pub fn choose() -> Result<Self> {
        if !debian::is_root() {
            return Ok(Self::Own);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| Some(Self::Other { user: id(name, "-u")?, group: id(name, "-g")? }))
            .ok_or_else(|| {
                Failure::new("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
            })
    }

    /// A command as this user. If this tool is killed, so is the server.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = match (self, run::find("setpriv")) {
            (Self::Own, None) => return Command::new(program),
            (_, setpriv) => Command::new(setpriv.unwrap_or_else(|| "setpriv".into())),
        };
        if let Self::Other { user, group } = self {
            command.args([
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
            ]);
        }
        command.args(["--pdeathsig=QUIT", "--"]).arg(program);
        command
    }

    /// Hands a file or folder to this user.
    pub fn own(&self, path: &Path) -> Result<()> {
        match self {
            Self::Own => Ok(()),
            Self::Other { user, group } => chown(path, Some(*user), Some(*group))
                .context(|| format!("could not change the owner of `{}`", path.display())),
        }
    }
}

fn id(name: &str, which: &str) -> Option<u32> {
    run::output(Command::new("id").args([which, name])).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_another_user_runs_with_that_users_rights_only() {
        let command = Account::Other { user: 26, group: 27 }.command(Path::new("/bin/server"));

        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy().into_owned()).collect();
        assert_eq!(
            words,
            ["--reuid=26", "--regid=27", "--clear-groups", "--pdeathsig=QUIT", "--", "/bin/server"]
        );
    }

    #[test]
    fn unknown_users_have_no_id() {
        assert_eq!(id("there-is-no-such-user", "-u"), None);
        assert_eq!(id("root", "-u"), Some(0));
    }
}
