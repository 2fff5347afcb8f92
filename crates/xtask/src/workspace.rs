//! The tree this tool was built from.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Context, Result};
use crate::run;

/// The top of the tree. Cargo says at run time which tree it is: a build folder may serve several.
pub fn root() -> PathBuf {
    let own = run::variable("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").to_owned());
    let own = Path::new(&own);
    own.ancestors().nth(2).unwrap_or(own).to_path_buf()
}

/// A path as it is written in messages: from the top of the tree.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Reads a text file.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).context(|| format!("could not read `{}`", shown(path)))
}

/// Reads a file.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).context(|| format!("could not read `{}`", shown(path)))
}

/// The entries of a folder, sorted; none if there is no such folder.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let doing = || format!("could not list `{}`", shown(folder));
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).context(doing)? {
        paths.push(entry.context(doing)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// The folders in a folder, sorted, hidden ones left out.
pub fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let visible = |path: &PathBuf| path.is_dir() && !name(path).starts_with('.');
    Ok(entries(folder)?.into_iter().filter(visible).collect())
}

/// Every file below a folder whose name ends in one of the extensions, sorted. Build folders are left out.
pub fn files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            if name(&path) != "target" && !name(&path).starts_with('.') {
                found.extend(files(&path, extensions)?);
            }
        } else if path.extension().and_then(|it| it.to_str()).is_some_and(|it| extensions.contains(&it)) {
            found.push(path);
        }
    }
    Ok(found)
}

/// The last part of a path.
pub fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_the_tree_holds_the_workspace() {
        assert!(read(&root().join("Cargo.toml")).unwrap().contains("[workspace]"));
    }

    #[test]
    fn paths_are_shown_from_the_top_of_the_tree() {
        assert_eq!(shown(&root().join("crates").join("xtask")), "crates/xtask");
    }

    #[test]
    fn files_are_found_at_every_depth_in_order() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("b/target")).unwrap();
        for file in ["z.sql", "b/a.sql", "b/a.txt", "b/target/c.sql"] {
            fs::write(folder.path().join(file), "").unwrap();
        }

        let found = files(folder.path(), &["sql"]).unwrap();

        assert_eq!(found, [folder.path().join("b/a.sql"), folder.path().join("z.sql")]);
    }

    #[test]
    fn a_missing_folder_is_empty() {
        assert!(entries(Path::new("/there/is/no/such/folder")).unwrap().is_empty());
    }
}
