//! The keys that sign access tokens.

use crate::error::Error;
use crate::vault::Vault;
use greenroom_auth::{Algorithm, IssueFault, KeyPurpose, KeySet, PublicKey, SigningKey};
use greenroom_domain::identity::port::SigningKeyRecord;
use greenroom_domain::kernel::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::watch;

/// The keys as they are at one instant.
pub struct Keyring {
    /// In the order in which they begin to sign.
    signers: Vec<(Timestamp, SigningKey)>,
    records: Vec<SigningKeyRecord>,
    published: Arc<KeySet>,
}

impl Keyring {
    /// The keys that are not retired at `now`.
    pub fn open(vault: &Vault, records: &[SigningKeyRecord], now: Timestamp) -> Result<Self, Error> {
        let mut records: Vec<_> =
            records.iter().filter(|record| is_published(record, now)).cloned().collect();
        records.sort_by_key(|record| record.active_from);
        let mut signers = Vec::with_capacity(records.len());
        for record in &records {
            let document = vault.open_signing_key(record)?;
            let key = SigningKey::from_pkcs8(&document).map_err(IssueFault::from)?;
            signers.push((record.active_from, key));
        }
        let published = Arc::new(published(&records, now)?);
        Ok(Self { signers, records, published })
    }

    /// The key that signs at `now`: of those that have begun, the one that began last. If none has, the first that will:
    /// where this clock is behind that of whoever made it, or was set back, nobody could obtain a token otherwise.
    pub fn signer(&self, now: Timestamp) -> Option<&SigningKey> {
        let begun = self.signers.iter().rev().find(|(active_from, _)| *active_from <= now);
        begun.or_else(|| self.signers.first()).map(|(_, key)| key)
    }

    /// The keys that are published, in the order in which they begin to sign.
    pub fn records(&self) -> &[SigningKeyRecord] {
        &self.records
    }

    /// The public halves: of the key that signs, of those that will, and of those that did.
    pub fn published(&self) -> &Arc<KeySet> {
        &self.published
    }
}

/// The present keyring, and who is told when it changes.
#[derive(Clone)]
pub struct Keyrings {
    keyring: watch::Sender<Arc<Keyring>>,
    published: watch::Sender<Arc<KeySet>>,
    /// When the keys last changed, by the clock of whoever changed them, in microseconds.
    changed: Arc<AtomicI64>,
}

impl Keyrings {
    /// Begins with `keyring`.
    pub fn new(keyring: Keyring) -> Self {
        let published = watch::Sender::new(Arc::clone(keyring.published()));
        let changed = Arc::new(AtomicI64::new(i64::MIN));
        Self { keyring: watch::Sender::new(Arc::new(keyring)), published, changed }
    }

    /// Somebody changed the keys at `instant`, by a clock that may be ahead of this one.
    pub fn changed_at(&self, instant: Timestamp) {
        self.changed.fetch_max(instant.as_micros(), Ordering::Relaxed);
    }

    /// The instant to look at the keys at: a key that another replica gave up at once is not published here until this
    /// clock has caught up.
    pub fn instant(&self, now: Timestamp) -> Timestamp {
        now.max(Timestamp::from_micros(self.changed.load(Ordering::Relaxed)))
    }

    /// The present one.
    pub fn current(&self) -> Arc<Keyring> {
        Arc::clone(&self.keyring.borrow())
    }

    /// Puts another in its place.
    pub fn replace(&self, keyring: Keyring) {
        self.published.send_replace(Arc::clone(keyring.published()));
        self.keyring.send_replace(Arc::new(keyring));
    }

    /// The published keys, for the door of this service.
    pub fn watch_published(&self) -> watch::Receiver<Arc<KeySet>> {
        self.published.subscribe()
    }
}

/// Whether a key verifies tokens at `now`: from when it is made until it retires.
pub fn is_published(record: &SigningKeyRecord, now: Timestamp) -> bool {
    record.retired_from.is_none_or(|retired| now < retired)
}

/// The public half of a key.
pub fn public_key(record: &SigningKeyRecord) -> Result<PublicKey, Error> {
    PublicKey::from_jwk(&record.public_jwk, KeyPurpose::TokenSigning).map_err(Error::StoredKey)
}

/// The public halves of the keys that are published at `now`.
pub fn published(records: &[SigningKeyRecord], now: Timestamp) -> Result<KeySet, Error> {
    let keys = records.iter().filter(|record| is_published(record, now)).map(public_key);
    KeySet::try_new(keys.collect::<Result<Vec<_>, _>>()?).map_err(|fault| Error::StoredKey(fault.fault))
}

/// Makes a key that signs from `active_from` on.
pub fn make_key(
    vault: &Vault,
    algorithm: Algorithm,
    active_from: Timestamp,
) -> Result<SigningKeyRecord, Error> {
    let (key, document) = SigningKey::generate(algorithm).map_err(IssueFault::from)?;
    let key_id = key.public().id().as_str().to_owned();
    let (sealed, wrapped_by) = vault.seal_signing_key(&key_id, &document)?;
    Ok(SigningKeyRecord {
        sealed,
        wrapped_by,
        public_jwk: key.public().to_jwk_json(),
        key_id,
        active_from,
        retired_from: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::Secrets;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    #[test]
    fn the_next_key_is_published_before_it_signs_and_the_old_one_until_it_retires() {
        let vault = Vault::new(&Secrets::for_test()).unwrap();
        let old = SigningKeyRecord {
            retired_from: Some(at(30)),
            ..make_key(&vault, Algorithm::EdDsa, at(0)).unwrap()
        };
        let next = make_key(&vault, Algorithm::Es256, at(20)).unwrap();
        let records = [next.clone(), old.clone()];
        let signs = |now: i64| {
            let ring = Keyring::open(&vault, &records, at(now)).unwrap();
            (ring.signer(at(now)).unwrap().public().id().as_str().to_owned(), ring.published().len())
        };
        assert_eq!(signs(10), (old.key_id.clone(), 2));
        assert_eq!(signs(20), (next.key_id.clone(), 2));
        assert_eq!(signs(30), (next.key_id.clone(), 1));
        // A clock that was set back to before the first key began.
        assert_eq!(signs(-10), (old.key_id.clone(), 2));
    }
}
