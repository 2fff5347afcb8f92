//! The rotation of the master key: a new one is added to the keys file, everything is wrapped with it anew while the
//! service runs, and the old one is forgotten once nothing needs it.

mod database;
mod rewrap;

pub use rewrap::{Pace, Progress};

use crate::config::Config;
use crate::secrets::{Secrets, SecretsError};
use crate::vault::{Vault, VaultFault};
use database::Wraps;
use greenroom_domain::identity::port::WrappedKind;
use greenroom_domain::kernel::Timestamp;
use greenroom_domain::ledger::StoreError;
use greenroom_rpc::clock::SharedClock;
use greenroom_rpc::layers::deadline;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Why the master keys were not changed, or not to the end.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The keys file cannot be read or written.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The database cannot be opened, read or written.
    #[error("cannot use the database: {}", .0.whole())]
    Store(#[from] StoreError),
    /// The URL names no engine this service knows.
    #[error("the database URL begins neither with `sqlite:` nor with `postgres:`")]
    UnknownDatabase,
    /// Nothing can be encrypted.
    #[error(transparent)]
    Vault(#[from] VaultFault),
    /// Another program changes the master keys.
    #[error("another rotation is under way: it holds `{}`", .0.display())]
    UnderWay(PathBuf),
    /// The lock cannot be taken.
    #[error("cannot lock `{}`: {cause}", path.display())]
    Lock {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The file lacks a key that the database needs.
    #[error(
        "{count} rows are wrapped with the master key `{id}`, which the keys file does not have; restore the file from its \
         backup, or take it from the machine that has the key"
    )]
    Missing {
        /// The key.
        id: String,
        /// How many rows.
        count: i64,
    },
    /// Rows whose wrapped key was damaged; all others are done.
    #[error("these cannot be opened with the key they name, and stay as they are: {}", .0.join(", "))]
    Damaged(Vec<String>),
    /// There is no such key.
    #[error("the keys file has no master key `{0}`")]
    NoSuchKey(String),
    /// The present key cannot be forgotten.
    #[error("`{0}` is the present master key; rotate first")]
    Present(String),
    /// Something is wrapped with the key.
    #[error(
        "{count} rows are still wrapped with the master key `{id}`; run the rotation again with `--resume`"
    )]
    InUse {
        /// The key.
        id: String,
        /// How many rows.
        count: i64,
    },
    /// Requests that began before the rotation may still write with the key.
    #[error(
        "the present master key is too new: what began before may still write with an older one until {0}"
    )]
    TooEarly(Timestamp),
}

/// How a rotation begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// With the staged key, or with a new one; one that was not brought to its end is gone on with instead.
    Anew,
    /// With what was begun: the keys stay as they are.
    Resume,
}

/// Where the present master key of a rotation is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Made for it.
    Made,
    /// Staged before.
    Staged,
    /// Of a rotation begun earlier.
    Earlier,
}

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The present master key.
    pub present: String,
    /// Where it is from.
    pub origin: Origin,
    /// How many rows were wrapped anew.
    pub rewrapped: i64,
    /// How many are wrapped with other keys in spite of it: some service still writes with one of those.
    pub remaining: i64,
}

/// What a master key is to the keys file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MasterState {
    /// It wraps what is written.
    Present,
    /// It will be the present one with the next rotation.
    Staged,
    /// It was the present one.
    Former,
    /// The file does not have it.
    Missing,
}

/// A master key and what it wraps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterKey {
    /// Its id.
    pub id: String,
    /// What it is.
    pub state: MasterState,
    /// How many data keys of persons it wraps.
    pub persons: i64,
    /// How many signing keys it wraps.
    pub signing_keys: i64,
}

/// How long after a rotation an older key may still be written with: no request lasts longer.
const LAST_WRITES: std::time::Duration = deadline::LONGEST;

/// The master keys, in the order of the file.
pub async fn list_masters(config: &Config) -> Result<Vec<MasterKey>, RotationError> {
    let secrets = Secrets::read(&config.keys_file)?;
    let database = Wraps::open(config).await?;
    let listed = listed(&secrets, &database).await;
    database.close().await;
    listed
}

/// Adds a master key that wraps nothing yet, so that the file can be given to other machines before the key is used. Gives
/// the id; of the key that is staged already, if one is.
pub fn stage_master(config: &Config) -> Result<String, RotationError> {
    let _lock = lock(&config.keys_file)?;
    let mut secrets = Secrets::read(&config.keys_file)?;
    if let Some(staged) = secrets.masters.get(secrets.present_place() + 1) {
        return Ok(staged.id.clone());
    }
    let id = secrets.stage()?;
    secrets.replace(&config.keys_file)?;
    Ok(id)
}

/// Makes another master key the present one and wraps everything with it, while services run on the same database.
///
/// Can be ended at any point and run again: it goes on where it stopped.
pub async fn rotate_master(
    config: &Config,
    clock: &SharedClock,
    begin: Begin,
    pace: Pace,
    progress: impl FnMut(Progress),
) -> Result<Rotated, RotationError> {
    let _lock = lock(&config.keys_file)?;
    let mut secrets = Secrets::read(&config.keys_file)?;
    let database = Wraps::open(config).await?;
    let rotated = async {
        let keys = listed(&secrets, &database).await?;
        let origin = advance(&mut secrets, &keys, begin, clock.now())?;
        if origin != Origin::Earlier {
            secrets.replace(&config.keys_file)?;
        }
        let vault = Vault::new(&secrets)?;
        let (rewrapped, remaining) =
            rewrap::rewrap_all(&database, &vault, &secrets.present, pace, progress).await?;
        Ok(Rotated { present: secrets.present.clone(), origin, rewrapped, remaining })
    };
    let rotated = rotated.await;
    database.close().await;
    rotated
}

/// Takes a master key out of the keys file for good: what was wrapped with it opens nowhere any more, in no backup.
pub async fn forget_master(config: &Config, id: &str, now: Timestamp) -> Result<(), RotationError> {
    let _lock = lock(&config.keys_file)?;
    let mut secrets = Secrets::read(&config.keys_file)?;
    let (place, present) =
        (secrets.masters.iter().take_while(|key| key.id != id).count(), secrets.present_place());
    if place == secrets.masters.len() {
        return Err(RotationError::NoSuchKey(id.to_owned()));
    }
    if place == present {
        return Err(RotationError::Present(id.to_owned()));
    }
    let until = secrets.present_since.plus(LAST_WRITES);
    if place < present && now < until {
        return Err(RotationError::TooEarly(until));
    }
    let database = Wraps::open(config).await?;
    let count = database.count(id).await;
    database.close().await;
    match count? {
        0 => {
            secrets.masters.remove(place);
            Ok(secrets.replace(&config.keys_file)?)
        }
        count => Err(RotationError::InUse { id: id.to_owned(), count }),
    }
}

async fn listed(secrets: &Secrets, database: &Wraps) -> Result<Vec<MasterKey>, RotationError> {
    let mut persons: BTreeMap<_, _> = database.counts(WrappedKind::DataKeys).await?.into_iter().collect();
    let mut signing: BTreeMap<_, _> = database.counts(WrappedKind::SigningKeys).await?.into_iter().collect();
    let mut key = |id: &str, state| MasterKey {
        id: id.to_owned(),
        state,
        persons: persons.remove(id).unwrap_or_default(),
        signing_keys: signing.remove(id).unwrap_or_default(),
    };
    let present = secrets.present_place();
    let state = |place: usize| match place.cmp(&present) {
        std::cmp::Ordering::Less => MasterState::Former,
        std::cmp::Ordering::Equal => MasterState::Present,
        std::cmp::Ordering::Greater => MasterState::Staged,
    };
    let masters = secrets.masters.iter().enumerate();
    let mut keys: Vec<_> = masters.map(|(place, master)| key(&master.id, state(place))).collect();
    let strangers: std::collections::BTreeSet<_> = persons.keys().chain(signing.keys()).cloned().collect();
    keys.extend(strangers.into_iter().map(|id| MasterKey {
        state: MasterState::Missing,
        persons: persons.get(&id).copied().unwrap_or_default(),
        signing_keys: signing.get(&id).copied().unwrap_or_default(),
        id,
    }));
    Ok(keys)
}

/// Settles which key is the present one. A rotation that was not brought to its end is gone on with: keys do not pile up.
fn advance(
    secrets: &mut Secrets,
    keys: &[MasterKey],
    begin: Begin,
    now: Timestamp,
) -> Result<Origin, RotationError> {
    if let Some(missing) = keys.iter().find(|key| key.state == MasterState::Missing) {
        let count = missing.persons + missing.signing_keys;
        return Err(RotationError::Missing { id: missing.id.clone(), count });
    }
    let staged = keys.iter().find(|key| key.state == MasterState::Staged);
    let unfinished =
        keys.iter().any(|key| key.state == MasterState::Former && key.persons + key.signing_keys > 0);
    let (id, origin) = match staged {
        _ if begin == Begin::Resume => return Ok(Origin::Earlier),
        Some(staged) => (staged.id.clone(), Origin::Staged),
        None if unfinished => return Ok(Origin::Earlier),
        None => (secrets.stage()?, Origin::Made),
    };
    secrets.present = id;
    secrets.present_since = now;
    Ok(origin)
}

/// Held while the keys file is changed. A file of its own, for the keys file itself is replaced.
fn lock(keys_file: &Path) -> Result<File, RotationError> {
    let mut path = keys_file.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    match opened.map_err(TryLockError::Error).and_then(|file| file.try_lock().map(|()| file)) {
        Ok(file) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RotationError::UnderWay(path)),
        Err(TryLockError::Error(cause)) => Err(RotationError::Lock { path, cause }),
    }
}
