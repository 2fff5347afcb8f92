//! The keys file: what the service must know and the database must not.

use crate::files::make_once;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenroom_rpc::credential::write_private;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize as _, Zeroizing};

/// A 256-bit key.
pub type Key = Zeroizing<[u8; 32]>;

/// The service's keys. Never printed, wiped when dropped.
pub struct Secrets {
    /// Wraps the data keys of persons and the signing keys.
    pub master: Key,
    /// Hashes documents for look-up, and requests for telling repetitions from reuses.
    pub lookup: Key,
    /// Derives the client secrets that the service makes.
    pub derivation: Key,
}

/// Whether the database has been written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// Nothing was ever stored: keys may be made.
    New,
    /// Something is stored, and only its own keys can read it.
    InUse,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The database holds data that only the missing file could open.
    #[error(
        "the keys file `{}` is missing, and the database is in use; restore the file from its backup: without it nothing \
         in this database can be read",
        .0.display()
    )]
    Missing(PathBuf),
    /// The file cannot be read or written.
    #[error("cannot open the keys file `{}`: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("`{}` is not a keys file: {cause}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, without any of its content.
        cause: String,
    },
    /// The operating system gave no randomness.
    #[error("no keys could be generated")]
    NotGenerated,
}

/// The file's form: each key in base64.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysFile {
    master: String,
    lookup: String,
    derivation: String,
}

impl Drop for KeysFile {
    fn drop(&mut self) {
        self.master.zeroize();
        self.lookup.zeroize();
        self.derivation.zeroize();
    }
}

impl Secrets {
    /// Reads the keys; makes them if neither file nor data exist.
    pub fn open(path: &Path, database: Database) -> Result<Self, SecretsError> {
        match (path.exists(), database) {
            (true, _) => {}
            (false, Database::New) => Self::create(path)?,
            (false, Database::InUse) => return Err(SecretsError::Missing(path.to_owned())),
        }
        // Read back even if just made: another replica may have been first.
        let text = std::fs::read_to_string(path)
            .map_err(|cause| SecretsError::Io { path: path.to_owned(), cause })?;
        Self::parse(path, &Zeroizing::new(text))
    }

    fn parse(path: &Path, text: &str) -> Result<Self, SecretsError> {
        let malformed = |cause: String| SecretsError::Malformed { path: path.to_owned(), cause };
        // The library's own message could repeat a part of a key.
        let file: KeysFile = serde_json::from_str(text)
            .map_err(|error| malformed(format!("line {} is wrong", error.line())))?;
        let key = |name: &str, text: &str| {
            let bytes = STANDARD.decode(text).ok().map(Zeroizing::new);
            let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
            bytes.map(Zeroizing::new).ok_or_else(|| malformed(format!("`{name}` is not 32 bytes in base64")))
        };
        Ok(Self {
            master: key("master", &file.master)?,
            lookup: key("lookup", &file.lookup)?,
            derivation: key("derivation", &file.derivation)?,
        })
    }

    fn create(path: &Path) -> Result<(), SecretsError> {
        let key = || fresh().map(|key| STANDARD.encode(*key));
        let file = KeysFile { master: key()?, lookup: key()?, derivation: key()? };
        let io = |cause| SecretsError::Io { path: path.to_owned(), cause };
        let text = serde_json::to_vec_pretty(&file).map(Zeroizing::new).map_err(|error| io(error.into()))?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        make_once(path, |aside| write_private(aside, &text)).map_err(io)?;
        tracing::info!(file = %path.display(), "made the keys file; back it up apart from the database");
        Ok(())
    }

    /// Fresh keys that are written nowhere.
    #[cfg(test)]
    pub fn for_test() -> Self {
        Self { master: fresh().unwrap(), lookup: fresh().unwrap(), derivation: fresh().unwrap() }
    }
}

/// 256 random bits.
pub fn fresh() -> Result<Key, SecretsError> {
    let mut key = Zeroizing::new([0; 32]);
    rand::fill(key.as_mut()).map_err(|_| SecretsError::NotGenerated)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn keys_are_made_once_and_only_their_owner_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/keys.json");
        let made = Secrets::open(&path, Database::New).unwrap();
        let read = Secrets::open(&path, Database::InUse).unwrap();
        assert_eq!(
            (*made.master, *made.lookup, *made.derivation),
            (*read.master, *read.lookup, *read.derivation)
        );
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_database_in_use_never_gets_new_keys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let refused = Secrets::open(&path, Database::InUse).err().unwrap();
        assert!(refused.to_string().contains("restore the file from its backup"), "{refused}");
        assert!(!path.exists());
    }

    #[test]
    fn a_malformed_file_is_refused_without_repeating_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        std::fs::write(&path, r#"{"master": "c2VjcmV0", "lookup": "", "derivation": ""}"#).unwrap();
        let refused = Secrets::open(&path, Database::New).err().unwrap().to_string();
        assert!(refused.contains("`master`") && !refused.contains("c2VjcmV0"), "{refused}");
    }
}
