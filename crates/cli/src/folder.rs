//! The data folder: where a suite on one machine keeps everything it has.
//!
//! ```text
//! identity.db certification.db registry.db   the databases (SQLite)
//! identity.keys certification.keys           what the services seal their records with
//! identity.keys.lock                         held while the master keys are changed
//! credentials/*.json                         who the tools and services are
//! greenroom.lock                             held while the suite runs; names the first port
//! ```

use crate::failure::{Context as _, Failure, Result};
use crate::reach::Service;
use crate::say;
use greenroom_rpc::credential::write_private;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The first of the suite's three ports, where nothing else is said.
pub const DEFAULT_PORT: u16 = 7101;

/// Where things are inside a data folder. Nothing is opened.
#[derive(Clone, Debug)]
pub struct Places(PathBuf);

impl Places {
    /// The places inside `folder`.
    pub fn new(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The database of one service, such as `identity`.
    pub fn database(&self, service: &str) -> PathBuf {
        self.0.join(format!("{service}.db"))
    }

    /// The keys of one service, such as `identity`.
    pub fn keys(&self, service: &str) -> PathBuf {
        self.0.join(format!("{service}.keys"))
    }

    /// Where credentials are kept.
    pub fn credentials(&self) -> PathBuf {
        self.0.join("credentials")
    }

    /// The credential of one client, such as `suite-operator`.
    pub fn credential(&self, client: &str) -> PathBuf {
        self.credentials().join(format!("{client}.json"))
    }

    fn lock(&self) -> PathBuf {
        self.0.join("greenroom.lock")
    }

    /// The first port of the suite that runs on this folder or ran on it last; the default if none did.
    pub fn port_base(&self) -> u16 {
        let told = std::fs::read_to_string(self.lock()).ok();
        told.and_then(|text| text.trim().parse().ok()).unwrap_or(DEFAULT_PORT)
    }
}

/// A data folder that this process alone uses, until it is dropped.
#[derive(Debug)]
pub struct Folder {
    places: Places,
    lock: File,
}

impl Folder {
    /// Opens the folder, makes it first if it is not there, and locks it. Readable by its owner only.
    pub fn open(path: &Path) -> Result<Self> {
        let places = Places::new(path);
        make(path)?;
        make(&places.credentials())?;
        whole(&places)?;
        let lock = lock(&places)?;
        Ok(Self { places, lock })
    }

    /// Where things are.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Settles on the first port: leaves a note of it for tools that call the suite, and addresses the credentials to
    /// the identity service there.
    pub fn settle_on(&mut self, port: u16) -> Result<()> {
        let mut write = || {
            self.lock.set_len(0)?;
            self.lock.rewind()?;
            self.lock.write_all(format!("{port}\n").as_bytes())
        };
        write().context(|| format!("cannot write `{}`", self.places.lock().display()))?;
        let issuer = Service::Identity.local_url(port);
        let folder = self.places.credentials();
        let entries = std::fs::read_dir(&folder).context(|| format!("cannot read `{}`", folder.display()))?;
        let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
        files
            .filter(|file| file.extension().is_some_and(|it| it == "json"))
            .try_for_each(|it| address(&it, &issuer))
    }
}

/// Names another issuer in a credential: the same identity service, found elsewhere.
fn address(file: &Path, issuer: &str) -> Result<()> {
    let shown = || format!("cannot use the credential file `{}`", file.display());
    let text = Zeroizing::new(std::fs::read_to_string(file).context(shown)?);
    let mut content: serde_json::Value = serde_json::from_str(&text).context(shown)?;
    if let Some(named) = content.get_mut("issuer").filter(|named| named.as_str() != Some(issuer)) {
        *named = issuer.into();
        let text = Zeroizing::new(serde_json::to_vec_pretty(&content).context(shown)?);
        write_private(file, &text).context(shown)?;
    }
    Ok(())
}

fn make(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if path.exists() {
        let path = path.display();
        return Err(Failure::new(format!(
            "`{path}` is a file, and the data folder cannot be there; name another one with `--data-dir`"
        )));
    }
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display();
    Failure::new(format!(
        "cannot write to the data folder `{path}` ({error}); name another one with `--data-dir`"
    ))
}

/// The identity service is the first to come into being; the others' databases mean nothing without it.
fn whole(places: &Places) -> Result<()> {
    if places.database("identity").exists() {
        tell_of_what_is_made_anew(places);
        return Ok(());
    }
    for service in ["certification", "registry"] {
        let orphan = places.database(service);
        if orphan.exists() {
            return Err(Failure::new(format!(
                "`{}` is there but `identity.db` is missing; restore the whole folder from a backup, or move `{}` away \
                 to begin anew",
                orphan.display(),
                places.folder().display(),
            )));
        }
    }
    Ok(())
}

/// A first start that was cut off leaves such a folder, and so does somebody who deleted a file.
fn tell_of_what_is_made_anew(places: &Places) {
    for service in ["certification", "registry"] {
        let database = places.database(service);
        if !database.exists() {
            say::note(&format!(
                "`{}` is not there and is made anew, empty; if it was lost, press Ctrl-C and restore the whole folder",
                database.display()
            ));
        }
    }
}

fn lock(places: &Places) -> Result<File> {
    let path = places.lock();
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let file = opened.map_err(|error| unwritable(places.folder(), &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(in_use(places, &file)),
        Err(TryLockError::Error(error)) => Err(unwritable(places.folder(), &error)),
    }
}

fn in_use(places: &Places, mut file: &File) -> Failure {
    let mut told = String::new();
    drop(file.read_to_string(&mut told));
    let folder = places.folder().display();
    let place = match told.trim() {
        "" => String::new(),
        port => format!(" on port {port}"),
    };
    Failure::new(format!(
        "another greenroom already runs on `{folder}`{place}; stop it, or name another folder with `--data-dir`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("greenroom-folder-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        path
    }

    #[test]
    fn two_processes_never_share_a_folder() {
        let path = scratch("shared");
        let mut first = Folder::open(&path).unwrap();
        first.settle_on(7301).unwrap();

        let refused = Folder::open(&path).unwrap_err().to_string();

        assert!(refused.contains("already runs") && refused.contains("7301"), "{refused}");
        drop(first);
        Folder::open(&path).unwrap();
        std::fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn only_its_owner_reads_a_new_folder() {
        use std::os::unix::fs::PermissionsExt as _;
        let path = scratch("mode");
        let folder = Folder::open(&path).unwrap();

        for place in [path.clone(), folder.places().credentials()] {
            assert_eq!(std::fs::metadata(place).unwrap().permissions().mode() & 0o777, 0o700);
        }
        std::fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_folder_without_its_identity_database_is_refused() {
        let path = scratch("half");
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("registry.db"), b"").unwrap();

        let refused = Folder::open(&path).unwrap_err().to_string();

        assert!(refused.contains("registry.db") && refused.contains("identity.db"), "{refused}");
        std::fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_told_by_name() {
        let path = scratch("file");
        std::fs::write(&path, b"").unwrap();

        let refused = Folder::open(&path).unwrap_err().to_string();

        assert!(refused.contains("is a file") && refused.contains("--data-dir"), "{refused}");
        std::fs::remove_file(&path).unwrap();
    }
}
