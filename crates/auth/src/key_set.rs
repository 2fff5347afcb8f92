//! Key sets: which keys an issuer or a client signs with.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::json::parse_object;
use crate::jwk::{JwkFault, KeyPurpose, PublicKey};
use crate::key_id::KeyId;

/// The longest key set read; nobody publishes 32 keys of more than 2 KiB.
const MAX_JWKS_BYTES: usize = 64 * 1024;

/// The most keys read from one set.
const MAX_KEYS: usize = 32;

/// A key of a set that was refused, by its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("key {position} of the set: {fault}")]
pub struct KeySetFault {
    /// Its place, from 0. For a fault of the set as a whole, 0.
    pub position: usize,
    /// What is wrong with it.
    pub fault: JwkFault,
}

/// The keys of one issuer or of one client, by key id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeySet {
    keys: BTreeMap<KeyId, PublicKey>,
    skipped: usize,
}

impl KeySet {
    /// A set of the given keys. Two keys of one id are refused: which of them counts would depend on their order.
    pub fn try_new(keys: impl IntoIterator<Item = PublicKey>) -> Result<Self, KeySetFault> {
        let mut set = Self::default();
        for (position, key) in keys.into_iter().enumerate() {
            set.insert(key).map_err(|fault| KeySetFault { position, fault })?;
        }
        Ok(set)
    }

    /// Reads a JWK Set (RFC 7517 §5). One bad key refuses the set: half a key set is a change nobody decided.
    ///
    /// Every key must have a `kid`. An empty set is refused, because an issuer that answers with one is broken and the
    /// keys known before are better. For [`KeyPurpose::TokenSigning`] alone, keys of a kind unknown here are skipped, as
    /// RFC 7517 §5 asks, so that an issuer may introduce one before all services know it.
    pub fn from_jwks(json: &[u8], purpose: KeyPurpose) -> Result<Self, KeySetFault> {
        let whole = |fault| KeySetFault { position: 0, fault };
        if json.len() > MAX_JWKS_BYTES {
            return Err(whole(JwkFault::NotJson));
        }
        let members = parse_object(json).map_err(|fault| whole(fault.into()))?;
        let keys = members.get("keys").and_then(Value::as_array).ok_or(whole(JwkFault::WrongSet))?;
        if !(1..=MAX_KEYS).contains(&keys.len()) {
            return Err(whole(JwkFault::WrongSet));
        }
        let mut set = Self::default();
        for (position, value) in keys.iter().enumerate() {
            set.insert_value(value, purpose).map_err(|fault| KeySetFault { position, fault })?;
        }
        if set.is_empty() { Err(whole(JwkFault::UnknownKind)) } else { Ok(set) }
    }

    fn insert_value(&mut self, value: &Value, purpose: KeyPurpose) -> Result<(), JwkFault> {
        let members = value.as_object().ok_or(JwkFault::NotJson)?;
        match PublicKey::from_members(members, purpose) {
            Ok(_) if !members.contains_key("kid") => Err(JwkFault::MemberMissing { member: "kid" }),
            Ok(key) => self.insert(key),
            Err(JwkFault::UnknownKind) if purpose == KeyPurpose::TokenSigning => {
                self.skipped += 1;
                Ok(())
            }
            Err(fault) => Err(fault),
        }
    }

    fn insert(&mut self, key: PublicKey) -> Result<(), JwkFault> {
        match self.keys.insert(key.id().clone(), key) {
            Some(_) => Err(JwkFault::DuplicateKeyId),
            None => Ok(()),
        }
    }

    /// The key of that id.
    pub fn get(&self, id: &str) -> Option<&PublicKey> {
        self.keys.get(id)
    }

    /// The only key, if there is exactly one.
    pub fn only(&self) -> Option<&PublicKey> {
        let mut keys = self.keys.values();
        keys.next().filter(|_| keys.next().is_none())
    }

    /// All keys, by id.
    pub fn iter(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.values()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys of an unknown kind were skipped when the set was read: more than none asks for an upgrade.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// The set as a JWK Set document, keys by id: the same set gives the same bytes.
    pub fn to_jwks_json(&self) -> String {
        json!({ "keys": self.iter().map(PublicKey::to_value).collect::<Vec<_>>() }).to_string()
    }
}
