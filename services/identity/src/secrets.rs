//! The keys file: what the service must know and the database must not.

use crate::files::make_once;
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenroom_domain::kernel::Timestamp;
use greenroom_rpc::credential::write_private;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use zeroize::{Zeroize as _, Zeroizing};

/// How many hexadecimal digits the id of a master key has.
const ID_DIGITS: usize = 8;

/// A 256-bit key.
pub type Key = Zeroizing<[u8; 32]>;

/// A key that others are wrapped with.
pub struct Master {
    /// Eight random hexadecimal digits, written beside everything the key wraps.
    pub id: String,
    /// The key.
    pub key: Key,
}

/// The service's keys. Never printed, wiped when dropped.
pub struct Secrets {
    /// Wrap the data keys of persons and the signing keys. Before the present one stand those that were, behind it those
    /// that will be.
    pub masters: Vec<Master>,
    /// The id of the master key that wraps what is written.
    pub present: String,
    /// Since when it does.
    pub present_since: Timestamp,
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
    present: String,
    present_since_us: i64,
    masters: Vec<MasterEntry>,
    lookup: String,
    derivation: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MasterEntry {
    id: String,
    key: String,
}

impl Drop for KeysFile {
    fn drop(&mut self) {
        self.masters.iter_mut().for_each(|entry| entry.key.zeroize());
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
        Self::read(path)
    }

    /// Reads the keys.
    pub fn read(path: &Path) -> Result<Self, SecretsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| SecretsError::Io { path: path.to_owned(), cause })?;
        Self::parse(path, &Zeroizing::new(text))
    }

    /// Reads what stands in a keys file; `path` is named where it is wrong.
    pub fn parse(path: &Path, text: &str) -> Result<Self, SecretsError> {
        let malformed = |cause: String| SecretsError::Malformed { path: path.to_owned(), cause };
        // The library's own message could repeat a part of a key.
        let file: KeysFile = serde_json::from_str(text)
            .map_err(|error| malformed(format!("line {} is wrong", error.line())))?;
        let key = |name: &str, text: &str| {
            let bytes = STANDARD.decode(text).ok().map(Zeroizing::new);
            let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
            bytes.map(Zeroizing::new).ok_or_else(|| malformed(format!("`{name}` is not 32 bytes in base64")))
        };
        let master = |entry: &MasterEntry| {
            if entry.id.len() != ID_DIGITS || !entry.id.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(malformed("the id of a master key is not eight hexadecimal digits".to_owned()));
            }
            let id = entry.id.clone();
            Ok(Master { key: key(&format!("masters.{id}"), &entry.key)?, id })
        };
        let secrets = Self {
            masters: file.masters.iter().map(master).collect::<Result<_, _>>()?,
            present: file.present.clone(),
            present_since: Timestamp::from_micros(file.present_since_us),
            lookup: key("lookup", &file.lookup)?,
            derivation: key("derivation", &file.derivation)?,
        };
        let ids: BTreeSet<&str> = secrets.masters.iter().map(|master| master.id.as_str()).collect();
        if ids.len() < secrets.masters.len() {
            return Err(malformed("two master keys have one id".to_owned()));
        }
        if !ids.contains(secrets.present.as_str()) {
            return Err(malformed("`present` names no master key".to_owned()));
        }
        Ok(secrets)
    }

    /// Writes the keys in the place of those that `path` has: whoever reads meanwhile sees all the old or all the new.
    pub fn replace(&self, path: &Path) -> Result<(), SecretsError> {
        let io = |cause| SecretsError::Io { path: path.to_owned(), cause };
        // Where a link leads to is written anew, not the link.
        let place = path.canonicalize().map_err(io)?;
        let before = std::fs::metadata(&place).map_err(io)?;
        write_private(&place, &self.text().map_err(io)?).map_err(io)?;
        // An operator's tool may run as another user, such as root, and the service has to go on reading the file.
        let after = std::fs::metadata(&place).map_err(io)?;
        if (after.uid(), after.gid()) == (before.uid(), before.gid()) {
            return Ok(());
        }
        chown(&place, Some(before.uid()), Some(before.gid())).map_err(io)
    }

    /// The place of the present master key among all.
    pub fn present_place(&self) -> usize {
        self.masters.iter().take_while(|master| master.id != self.present).count()
    }

    /// A new master key behind all others, not yet the present one; gives its id.
    pub fn stage(&mut self) -> Result<String, SecretsError> {
        let master = Master::generate()?;
        let id = master.id.clone();
        self.masters.push(master);
        Ok(id)
    }

    fn text(&self) -> std::io::Result<Zeroizing<Vec<u8>>> {
        let entry =
            |master: &Master| MasterEntry { id: master.id.clone(), key: STANDARD.encode(*master.key) };
        let file = KeysFile {
            present: self.present.clone(),
            present_since_us: self.present_since.as_micros(),
            masters: self.masters.iter().map(entry).collect(),
            lookup: STANDARD.encode(*self.lookup),
            derivation: STANDARD.encode(*self.derivation),
        };
        Ok(serde_json::to_vec_pretty(&file).map(Zeroizing::new)?)
    }

    fn create(path: &Path) -> Result<(), SecretsError> {
        let secrets = Self::generate()?;
        let io = |cause| SecretsError::Io { path: path.to_owned(), cause };
        let text = secrets.text().map_err(io)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        make_once(path, |aside| write_private(aside, &text)).map_err(io)?;
        tracing::info!(file = %path.display(), "made the keys file; back it up apart from the database");
        Ok(())
    }

    fn generate() -> Result<Self, SecretsError> {
        let master = Master::generate()?;
        let present = master.id.clone();
        let (lookup, derivation) = (fresh()?, fresh()?);
        // There was none before it.
        let present_since = Timestamp::from_micros(0);
        Ok(Self { masters: vec![master], present, present_since, lookup, derivation })
    }

    /// Fresh keys that are written nowhere.
    #[cfg(test)]
    pub fn for_test() -> Self {
        Self::generate().unwrap()
    }
}

impl Master {
    fn generate() -> Result<Self, SecretsError> {
        let mut id = [0; ID_DIGITS / 2];
        rand::fill(&mut id).map_err(|_| SecretsError::NotGenerated)?;
        Ok(Self { id: format!("{:08x}", u32::from_be_bytes(id)), key: fresh()? })
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

    fn in_clear(secrets: &Secrets) -> Vec<[u8; 32]> {
        let masters = secrets.masters.iter().map(|master| *master.key);
        masters.chain([*secrets.lookup, *secrets.derivation]).collect()
    }

    #[test]
    fn keys_are_made_once_and_only_their_owner_reads_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/keys.json");
        let made = Secrets::open(&path, Database::New).unwrap();
        let read = Secrets::open(&path, Database::InUse).unwrap();
        assert_eq!(in_clear(&made), in_clear(&read));
        assert_eq!(made.present, read.present);
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
        let file = r#"{"present": "00c0ffee", "present_since_us": 0, "lookup": "", "derivation": "",
            "masters": [{"id": "00c0ffee", "key": "c2VjcmV0"}]}"#;
        std::fs::write(&path, file).unwrap();
        let refused = Secrets::open(&path, Database::New).err().unwrap().to_string();
        assert!(refused.contains("`masters.00c0ffee`") && !refused.contains("c2VjcmV0"), "{refused}");
    }

    #[test]
    fn a_file_whose_present_key_is_missing_or_twice_there_is_refused() {
        let path = Path::new("keys.json");
        let mut secrets = Secrets::for_test();
        let refused = |secrets: &Secrets| {
            let text = String::from_utf8(secrets.text().unwrap().to_vec()).unwrap();
            Secrets::parse(path, &text).err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert_eq!(refused(&secrets), "");
        let (id, key) = (secrets.present.clone(), fresh().unwrap());
        secrets.masters.push(Master { id, key });
        assert!(refused(&secrets).contains("two master keys"));
        secrets.masters.clear();
        secrets.stage().unwrap();
        assert!(refused(&secrets).contains("`present`"));
    }

    #[test]
    fn a_file_replaced_by_another_user_stays_its_owners() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let secrets = Secrets::open(&path, Database::New).unwrap();
        // Only root can give a file away; for anybody else there is nothing to see.
        let owner = chown(&path, Some(12_345), Some(12_345)).map_or_else(
            |_| std::fs::metadata(&path).map(|made| (made.uid(), made.gid())).unwrap(),
            |()| (12_345, 12_345),
        );
        secrets.replace(&path).unwrap();
        let replaced = std::fs::metadata(&path).unwrap();
        assert_eq!(((replaced.uid(), replaced.gid()), replaced.permissions().mode() & 0o777), (owner, 0o600));
    }

    #[test]
    fn a_staged_key_stands_behind_the_present_one_and_a_replaced_file_stays_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        let mut secrets = Secrets::open(&path, Database::New).unwrap();
        let staged = secrets.stage().unwrap();
        secrets.replace(&path).unwrap();
        let read = Secrets::read(&path).unwrap();
        assert_eq!(in_clear(&read), in_clear(&secrets));
        assert_ne!(read.present, staged);
        assert_eq!((read.present_place(), &read.masters[1].id), (0, &staged));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
