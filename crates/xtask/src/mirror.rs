//! Committed folders whose content a program makes: generated code, query metadata. Such a folder holds those files and
//! no others.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::failure::{Context, Failure, Result, none_of};
use crate::workspace;

/// What to do with a folder that was made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Bring the committed folder up to date.
    Write,
    /// Fail if the committed folder is not up to date; touch nothing.
    Check,
}

/// Files by name.
type Files = BTreeMap<String, Vec<u8>>;

/// Makes `kept` equal to `fresh`, or fails and names each file that differs and the command that mends it.
pub fn settle(mode: Mode, fresh: &Path, kept: &Path, mend: &str) -> Result<()> {
    let (made, committed) = (load(fresh)?, load(kept)?);
    match mode {
        Mode::Write => write(&made, &committed, kept),
        Mode::Check => {
            let text = format!("`{}` is out of date; run `{mend}`", workspace::shown(kept));
            none_of(&text, &differences(&made, &committed))
        }
    }
}

fn load(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    for path in workspace::entries(folder)? {
        if path.is_dir() {
            return Err(Failure::new(format!(
                "`{}` is not expected to be a folder",
                workspace::shown(&path)
            )));
        }
        files.insert(workspace::name(&path).to_owned(), workspace::read_bytes(&path)?);
    }
    Ok(files)
}

fn differences(made: &Files, committed: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (name, content) in made {
        match committed.get(name) {
            None => found.push(format!("{name} is missing")),
            Some(old) if old != content => found.push(format!("{name} differs")),
            Some(_) => {}
        }
    }
    let stale = committed.keys().filter(|name| !made.contains_key(*name));
    found.extend(stale.map(|name| format!("{name} is stale")));
    found
}

/// Writes only what changed: an untouched file causes no rebuild.
fn write(made: &Files, committed: &Files, folder: &Path) -> Result<()> {
    let doing = |name: &str| format!("could not write `{}`", workspace::shown(&folder.join(name)));
    if !made.is_empty() {
        fs::create_dir_all(folder).context(|| doing(""))?;
    }
    for (name, content) in made {
        if committed.get(name) != Some(content) {
            fs::write(folder.join(name), content).context(|| doing(name))?;
        }
    }
    for name in committed.keys().filter(|name| !made.contains_key(*name)) {
        fs::remove_file(folder.join(name)).context(|| doing(name))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    #[test]
    fn a_check_names_every_file_that_differs() {
        let fresh = folder(&[("a", "1"), ("b", "2"), ("c", "3")]);
        let kept = folder(&[("a", "1"), ("b", "old"), ("d", "4")]);

        let failure = settle(Mode::Check, fresh.path(), kept.path(), "make").unwrap_err().to_string();

        assert!(failure.contains("run `make`"), "{failure}");
        assert!(failure.ends_with(":\n  b differs\n  c is missing\n  d is stale"), "{failure}");
    }

    #[test]
    fn after_a_write_the_check_passes() {
        let fresh = folder(&[("a", "1"), ("b", "2")]);
        let kept = folder(&[("b", "old"), ("d", "4")]);

        settle(Mode::Write, fresh.path(), kept.path(), "make").unwrap();

        settle(Mode::Check, fresh.path(), kept.path(), "make").unwrap();
        assert!(!kept.path().join("d").exists());
    }

    #[test]
    fn a_folder_that_nothing_is_made_for_need_not_exist() {
        let fresh = folder(&[]);
        let kept = fresh.path().join("absent");

        settle(Mode::Write, fresh.path(), &kept, "make").unwrap();

        assert!(!kept.exists());
        settle(Mode::Check, fresh.path(), &kept, "make").unwrap();
    }
}
