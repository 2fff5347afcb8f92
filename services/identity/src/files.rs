//! Files that are made once, whoever is first.

use std::io;
use std::path::Path;
use uuid::Uuid;

/// Makes `path` with `write`, unless somebody else makes it first: then theirs stays. Never overwrites, and nobody ever
/// sees a part of it. Two replicas that start at the same time must not each believe in a file of their own.
pub fn make_once<E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    let aside = path.with_file_name(format!("new-{}", Uuid::new_v4().simple()));
    write(&aside)?;
    // Unlike a rename, a link refuses to take the place of a file.
    let placed = match std::fs::hard_link(&aside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        placed => placed,
    };
    // What is left behind here is private, and nothing reads it.
    drop(std::fs::remove_file(&aside));
    Ok(placed?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_file_stays_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        make_once(&path, |aside| std::fs::write(aside, "first")).unwrap();
        make_once(&path, |aside| std::fs::write(aside, "second")).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
