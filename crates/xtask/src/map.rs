//! `check-map`: the folder table of `README.md` against the folders.

use std::collections::BTreeSet;

use crate::failure::{Failure, Result, none_of};
use crate::workspace;

const BEGIN: &str = "<!-- map -->";
const END: &str = "<!-- /map -->";
/// Folders that the map shows one by one.
const OPENED: [&str; 2] = ["crates", "services"];
/// Folders that the map shows as a whole.
const CLOSED: [&str; 3] = ["tests", "proto", "deploy"];

/// Fails if a folder is missing from the map or the map names one that is not there.
pub fn check() -> Result<()> {
    let root = workspace::root();
    let readme = workspace::read(&root.join("README.md"))?;
    let table = between(&readme)
        .ok_or_else(|| Failure::new(format!("`README.md` has no table between `{BEGIN}` and `{END}`")))?;
    let mapped = rows(table);
    let mut findings = unmapped(&mapped, &real()?);
    let gone = mapped.iter().filter(|folder| !root.join(folder).is_dir());
    findings.extend(gone.map(|folder| format!("`{folder}` is in the map but not in the tree")));
    none_of("the map in `README.md` is wrong", &findings)
}

fn real() -> Result<BTreeSet<String>> {
    let root = workspace::root();
    let mut folders: BTreeSet<String> = CLOSED.map(str::to_owned).into();
    for parent in OPENED {
        folders.extend(workspace::folders(&root.join(parent))?.iter().map(|folder| workspace::shown(folder)));
    }
    Ok(folders)
}

fn unmapped(mapped: &BTreeSet<String>, real: &BTreeSet<String>) -> Vec<String> {
    real.difference(mapped).map(|folder| format!("`{folder}` is in the tree but not in the map")).collect()
}

fn between(readme: &str) -> Option<&str> {
    let (_, rest) = readme.split_once(BEGIN)?;
    rest.split_once(END).map(|(table, _)| table)
}

/// The first cell of each row, without code marks, link and slashes; header and rule are passed over.
fn rows(table: &str) -> BTreeSet<String> {
    let lines = table.lines().filter_map(|line| line.trim().strip_prefix('|'));
    let cells = lines.skip(2).filter_map(|line| line.split('|').next());
    cells.map(folder).filter(|folder| !folder.is_empty()).collect()
}

fn folder(cell: &str) -> String {
    let cell = cell.trim();
    let text = match cell.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((text, _)) => text,
        None => cell,
    };
    text.trim_matches(['`', '/']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# A\n<!-- map -->\n| folder | what |\n|---|---|\n| `crates/a` | x |\n| [`proto/`](proto) | y |\n\
                          | [tests](tests) | z |\n<!-- /map -->\n| `not` | this |\n";

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn the_map_is_read_from_between_its_marks() {
        assert_eq!(rows(between(README).unwrap()), set(&["crates/a", "proto", "tests"]));
    }

    #[test]
    fn a_page_without_marks_has_no_map() {
        assert_eq!(between("| folder | what |"), None);
    }

    #[test]
    fn a_folder_that_the_map_forgets_is_named() {
        let findings = unmapped(&set(&["crates/a"]), &set(&["crates/a", "crates/b"]));

        assert_eq!(findings, ["`crates/b` is in the tree but not in the map"]);
    }
}
