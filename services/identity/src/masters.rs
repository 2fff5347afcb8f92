//! The master keys as a running service holds them, and how it notices that the keys file has changed.

use crate::secrets::{Key, Secrets, SecretsError};
use crate::vault::{VaultFault, cipher};
use aws_lc_rs::aead::RandomizedNonceKey;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// The master keys at one instant.
pub struct Ring {
    present: String,
    keys: BTreeMap<String, RandomizedNonceKey>,
}

impl Ring {
    fn of(secrets: &Secrets) -> Result<Self, VaultFault> {
        let keys = secrets.masters.iter().map(|master| Ok((master.id.clone(), cipher(&master.key)?)));
        Ok(Self { present: secrets.present.clone(), keys: keys.collect::<Result<_, VaultFault>>()? })
    }

    /// The key that wraps what is written, with its id.
    pub fn present(&self) -> Option<(&str, &RandomizedNonceKey)> {
        self.keys.get_key_value(&self.present).map(|(id, key)| (id.as_str(), key))
    }

    /// The key with an id.
    pub fn key(&self, id: &str) -> Option<&RandomizedNonceKey> {
        self.keys.get(id)
    }
}

/// The master keys that all requests share.
pub struct Masters {
    ring: RwLock<Arc<Ring>>,
    file: Option<Watched>,
}

/// The file that the keys are from.
struct Watched {
    path: PathBuf,
    /// The keys that never change: another file's belong to another database.
    unchanging: (Key, Key),
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    stamp: Option<Stamp>,
    /// Whether the log was told that the file is of no use.
    told: bool,
}

/// What of a file changes when its content does.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        Some(Self {
            inode: found.ino(),
            length: found.len(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

impl Masters {
    /// These keys and no others.
    pub fn new(secrets: &Secrets) -> Result<Self, VaultFault> {
        Ok(Self { ring: RwLock::new(Arc::new(Ring::of(secrets)?)), file: None })
    }

    /// The keys of a file, now and when it changes.
    pub fn of_file(path: &Path, secrets: &Secrets) -> Result<Self, VaultFault> {
        let file = Watched {
            path: path.to_owned(),
            unchanging: (secrets.lookup.clone(), secrets.derivation.clone()),
            seen: Mutex::default(),
        };
        Ok(Self { file: Some(file), ..Self::new(secrets)? })
    }

    /// The keys as the file has them now: nothing is ever wrapped with a key that is present there no more.
    pub fn current(&self) -> Arc<Ring> {
        self.look();
        self.held()
    }

    /// Keys with the one of this id, if the file has it.
    pub fn having(&self, id: &str) -> Arc<Ring> {
        let held = self.held();
        if held.key(id).is_some() { held } else { self.current() }
    }

    /// Reads the file again if it has changed. One that is of no use changes nothing: the log is told once.
    pub fn look(&self) {
        let Some(file) = &self.file else { return };
        let mut seen = file.seen.lock().unwrap_or_else(PoisonError::into_inner);
        // Looked at before it is read: what is put in its place meanwhile is read the next time.
        let stamp = Stamp::of(&file.path);
        if stamp.is_some() && stamp == seen.stamp {
            return;
        }
        match file.read() {
            Ok(ring) => {
                if seen.stamp.is_some() {
                    tracing::info!(present = %ring.present, keys = ring.keys.len(), "the keys file has changed");
                }
                *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
                *seen = Seen { stamp, told: false };
            }
            Err(unusable) => {
                if !seen.told {
                    tracing::error!(error = %unusable, "the keys file is of no use; going on with the keys known");
                }
                // What could not be read now may be readable the next time without any change.
                let stamp =
                    if matches!(unusable, Unusable::Read(SecretsError::Io { .. })) { None } else { stamp };
                *seen = Seen { stamp, told: true };
            }
        }
    }

    fn held(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why a changed file is not taken over.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Read(#[from] SecretsError),
    #[error("`{}` belongs to another database", .0.display())]
    Foreign(PathBuf),
    #[error(transparent)]
    Key(#[from] VaultFault),
}

impl Watched {
    fn read(&self) -> Result<Ring, Unusable> {
        let secrets = Secrets::read(&self.path)?;
        if (&secrets.lookup, &secrets.derivation) != (&self.unchanging.0, &self.unchanging.1) {
            return Err(Unusable::Foreign(self.path.clone()));
        }
        Ok(Ring::of(&secrets)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Database;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Counts the errors that are logged.
    #[derive(Clone, Default)]
    struct Errors(Arc<AtomicUsize>);

    impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Errors {
        fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
            if *event.metadata().level() == tracing::Level::ERROR {
                self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    fn present(masters: &Masters) -> String {
        masters.current().present().unwrap().0.to_owned()
    }

    #[test]
    fn a_changed_file_is_taken_over_and_what_is_gone_from_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let mut secrets = Secrets::open(&path, Database::New).unwrap();
        let masters = Masters::of_file(&path, &secrets).unwrap();
        let old = present(&masters);
        let new = secrets.stage().unwrap();
        secrets.replace(&path).unwrap();
        assert!(masters.having(&new).key(&new).is_some());
        assert_eq!(present(&masters), old);
        secrets.present.clone_from(&new);
        secrets.masters.remove(0);
        secrets.replace(&path).unwrap();
        assert_eq!(present(&masters), new);
        assert!(masters.having(&old).key(&old).is_none());
    }

    #[test]
    fn a_file_of_no_use_changes_nothing_and_is_told_once() {
        use tracing_subscriber::layer::SubscriberExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let mut secrets = Secrets::open(&path, Database::New).unwrap();
        let masters = Masters::of_file(&path, &secrets).unwrap();
        let old = present(&masters);
        let errors = Errors::default();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(errors.clone()), || {
            std::fs::write(&path, "{").unwrap();
            assert_eq!(present(&masters), old);
            std::fs::remove_file(&path).unwrap();
            assert_eq!(present(&masters), old);
            Secrets::open(&path, Database::New).unwrap();
            assert_eq!(present(&masters), old, "the file of another database");
            assert_eq!(errors.0.load(Ordering::Relaxed), 1);
            secrets.present = secrets.stage().unwrap();
            secrets.replace(&path).unwrap();
            assert_eq!(present(&masters), secrets.present);
            std::fs::remove_file(&path).unwrap();
            assert_eq!(present(&masters), secrets.present);
            assert_eq!(errors.0.load(Ordering::Relaxed), 2, "told again once it had been of use again");
        });
    }
}
