//! Where PostgreSQL's programs are on this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::{debian, run, workspace};

/// Where Debian, Red Hat and others keep one folder for each major version.
const VERSIONED: [(&str, &str); 3] =
    [("/usr/lib/postgresql", ""), ("/usr", "pgsql-"), ("/opt/homebrew/opt", "postgresql@")];
/// What a cluster needs.
const NEEDED: [&str; 3] = ["initdb", "postgres", "psql"];

/// The programs of one installed version.
#[derive(Debug)]
pub struct Programs {
    folder: PathBuf,
    version: String,
}

impl Programs {
    /// Finds the newest installed version; installs Debian's if there is none.
    pub fn find_or_install() -> Result<Self> {
        if let Some(found) = Self::find()? {
            return Ok(found);
        }
        debian::install(&["postgresql"], "a PostgreSQL server")?;
        Self::find()?
            .ok_or_else(|| Failure::new("PostgreSQL was installed, but its programs are not to be found"))
    }

    /// Finds the newest installed version.
    pub fn find() -> Result<Option<Self>> {
        let mut folders = Vec::new();
        for (parent, prefix) in VERSIONED {
            folders.extend(by_version(&workspace::folders(Path::new(parent))?, prefix));
        }
        let path = run::variable("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path);
        let mut candidates = folders.into_iter().map(|folder| folder.join("bin")).chain(on_path);
        let Some(folder) =
            candidates.find(|folder| NEEDED.iter().all(|program| folder.join(program).is_file()))
        else {
            return Ok(None);
        };
        let said = run::output(Command::new(folder.join("postgres")).arg("--version"))?;
        Ok(Some(Self { folder, version: version(&said) }))
    }

    /// The path of one program.
    pub fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// For people: `PostgreSQL 15.18`.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// The folders named `prefix` and a major version, newest first.
fn by_version(folders: &[PathBuf], prefix: &str) -> Vec<PathBuf> {
    let mut numbered: Vec<(u32, PathBuf)> = folders
        .iter()
        .filter_map(|folder| {
            Some((workspace::name(folder).strip_prefix(prefix)?.parse().ok()?, folder.clone()))
        })
        .collect();
    numbered.sort();
    numbered.into_iter().rev().map(|(_, folder)| folder).collect()
}

/// `postgres (PostgreSQL) 15.18 (Debian …)` to `PostgreSQL 15.18`.
fn version(said: &str) -> String {
    let number =
        said.split_whitespace().find(|word| word.starts_with(|letter: char| letter.is_ascii_digit()));
    format!("PostgreSQL {}", number.unwrap_or("of an unknown version"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first_by_number() {
        let folders = ["/p/15", "/p/9", "/p/lib", "/p/17"].map(PathBuf::from);

        assert_eq!(by_version(&folders, ""), ["/p/17", "/p/15", "/p/9"].map(PathBuf::from));
    }

    #[test]
    fn other_folders_beside_the_versions_are_passed_over() {
        let folders = ["/usr/pgsql-16", "/usr/lib", "/usr/pgsql-17"].map(PathBuf::from);

        assert_eq!(by_version(&folders, "pgsql-"), ["/usr/pgsql-17", "/usr/pgsql-16"].map(PathBuf::from));
    }

    #[test]
    fn the_version_is_read_from_what_the_server_says() {
        assert_eq!(version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), "PostgreSQL 15.18");
    }
}
