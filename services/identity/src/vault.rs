//! What is stored encrypted, and what is found by keyed hash.
//!
//! Envelope encryption with AES-256-GCM: each person's record is sealed with a data key of its own, and that key with
//! the master key. Destroying the small envelope destroys the record, also in every backup.

use crate::secrets::{Key, Secrets, SecretsError, fresh};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use greenroom_domain::identity::port::{Lookup, Sealed};
use greenroom_domain::identity::{BirthDate, DocumentNumber, DocumentType, PersonName};
use greenroom_domain::kernel::{Date, OrganizationId, PersonId, Version};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

/// The first byte of everything sealed.
const FORM: u8 = 1;

/// Records are filled up to a multiple of this, so that their length does not tell that of a name.
const BLOCK: usize = 256;

/// Something could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultFault {
    /// The operating system gave no randomness, or the cipher refused.
    #[error("nothing could be encrypted")]
    NotSealed,
    /// The ciphertext was changed, or the keys file belongs to another database.
    #[error("stored ciphertext cannot be opened with the present keys file")]
    NotOpened,
    /// What was inside is not what this program writes.
    #[error("decrypted data is malformed")]
    Malformed,
}

impl From<SecretsError> for VaultFault {
    fn from(_: SecretsError) -> Self {
        Self::NotSealed
    }
}

/// Who a person is. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The real name.
    pub name: PersonName,
    /// The document.
    pub document: DocumentNumber,
    /// The birth date, if the document tells it.
    pub birth_date: Option<BirthDate>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    name: String,
    document_type: String,
    document_number: String,
    birth_date: Option<String>,
}

impl Drop for Record {
    fn drop(&mut self) {
        self.name.zeroize();
        self.document_number.zeroize();
        self.birth_date.zeroize();
    }
}

/// Seals, opens and hashes.
pub struct Vault {
    master: RandomizedNonceKey,
    lookup: hmac::Key,
    derivation: hmac::Key,
    fingerprints: Key,
}

impl Vault {
    /// A vault with these keys.
    pub fn new(secrets: &Secrets) -> Result<Self, VaultFault> {
        Ok(Self {
            master: cipher(&secrets.master)?,
            lookup: hmac::Key::new(hmac::HMAC_SHA256, secrets.lookup.as_slice()),
            derivation: hmac::Key::new(hmac::HMAC_SHA256, secrets.derivation.as_slice()),
            fingerprints: secrets.lookup.clone(),
        })
    }

    /// The key for fingerprints of requests.
    pub fn fingerprint_key(&self) -> &[u8] {
        self.fingerprints.as_slice()
    }

    /// Keyed hash of a document.
    pub fn lookup(&self, document: &DocumentNumber) -> Lookup {
        mac(&self.lookup, &["document", document.document_type().code(), document.expose()])
    }

    /// Keyed hash of a document under a name: what a person is found by.
    pub fn claim_lookup(&self, name: &PersonName, document: &DocumentNumber) -> Lookup {
        let parts = ["claim", document.document_type().code(), document.expose(), name.expose()];
        mac(&self.lookup, &parts)
    }

    /// The etag of a person as one organization sees it: nobody can tell the version from it, or know the person again
    /// by that of another organization.
    pub fn person_etag(&self, organization: &OrganizationId, name: &PersonId, version: Version) -> String {
        let version = version.to_string();
        let tag = mac(&self.lookup, &["person etag", organization.as_str(), name.as_str(), &version]);
        let half: [u8; 16] = std::array::from_fn(|place| tag.get(place).copied().unwrap_or_default());
        format!("\"{:032x}\"", u128::from_be_bytes(half))
    }

    /// A client secret that only these parts and the keys file give: made again, never stored.
    pub fn derive_secret(&self, parts: &[&str]) -> Key {
        Zeroizing::new(mac(&self.derivation, parts))
    }

    /// Seals a person's record for this person alone.
    pub fn seal_person(&self, id: &PersonId, identity: &Identity) -> Result<Sealed, VaultFault> {
        let record = Record {
            name: identity.name.expose().to_owned(),
            document_type: identity.document.document_type().code().to_owned(),
            document_number: identity.document.expose().to_owned(),
            birth_date: identity.birth_date.map(|date| date.expose().to_string()),
        };
        let mut plain = Zeroizing::new(serde_json::to_vec(&record).map_err(|_| VaultFault::NotSealed)?);
        // JSON may end in spaces.
        let filled = plain.len().next_multiple_of(BLOCK);
        plain.resize(filled, b' ');
        let key = fresh()?;
        Ok(Sealed {
            wrapped_key: seal(&self.master, &context("data key", id.as_str()), key.as_slice())?,
            record: seal(&cipher(&key)?, &context("person", id.as_str()), &plain)?,
        })
    }

    /// Opens a person's record.
    pub fn open_person(&self, id: &PersonId, sealed: &Sealed) -> Result<Identity, VaultFault> {
        let key = open(&self.master, &context("data key", id.as_str()), &sealed.wrapped_key)?;
        let key =
            <[u8; 32]>::try_from(key.as_slice()).map(Zeroizing::new).map_err(|_| VaultFault::Malformed)?;
        let plain = open(&cipher(&key)?, &context("person", id.as_str()), &sealed.record)?;
        let record: Record = serde_json::from_slice(&plain).map_err(|_| VaultFault::Malformed)?;
        read_record(&record).ok_or(VaultFault::Malformed)
    }

    /// Seals the private half of a signing key.
    pub fn seal_signing_key(&self, key_id: &str, pkcs8: &[u8]) -> Result<Vec<u8>, VaultFault> {
        seal(&self.master, &context("signing key", key_id), pkcs8)
    }

    /// Opens the private half of a signing key.
    pub fn open_signing_key(&self, key_id: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
        open(&self.master, &context("signing key", key_id), sealed)
    }
}

fn read_record(record: &Record) -> Option<Identity> {
    let document_type = DocumentType::from_code(&record.document_type)?;
    let birth_date = match &record.birth_date {
        Some(text) => Some(BirthDate::new(Date::parse(text).ok()?)),
        None => None,
    };
    Some(Identity {
        name: PersonName::normalise(&record.name).ok()?,
        document: DocumentNumber::parse(document_type, &record.document_number).ok()?,
        birth_date,
    })
}

fn cipher(key: &Key) -> Result<RandomizedNonceKey, VaultFault> {
    RandomizedNonceKey::new(&AES_256_GCM, key.as_slice()).map_err(|_| VaultFault::NotSealed)
}

/// Binds a ciphertext to its purpose and its owner: moved to another row it does not open.
fn context(purpose: &str, owner: &str) -> Vec<u8> {
    [purpose.as_bytes(), &[0], owner.as_bytes()].concat()
}

fn seal(cipher: &RandomizedNonceKey, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultFault> {
    let mut body = Vec::with_capacity(plain.len() + AES_256_GCM.tag_len());
    body.extend(plain);
    let nonce =
        cipher.seal_in_place_append_tag(Aad::from(context), &mut body).map_err(|_| VaultFault::NotSealed)?;
    Ok([[FORM].as_slice(), nonce.as_ref().as_slice(), &body].concat())
}

fn open(
    cipher: &RandomizedNonceKey,
    context: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
    let (&form, rest) = sealed.split_first().ok_or(VaultFault::NotOpened)?;
    let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(VaultFault::NotOpened)?;
    if form != FORM {
        return Err(VaultFault::NotOpened);
    }
    let mut body = Zeroizing::new(body.to_vec());
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length =
        cipher.open_in_place(nonce, Aad::from(context), &mut body).map_err(|_| VaultFault::NotOpened)?.len();
    body.truncate(length);
    Ok(body)
}

/// HMAC-SHA256 over the parts, each behind its length, so that no two lists of parts share their bytes.
fn mac(key: &hmac::Key, parts: &[&str]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let tag = context.sign();
    let mut out = [0; 32];
    // INVARIANT: the tag of HMAC-SHA256 has 32 bytes.
    out.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str) -> Identity {
        let document =
            DocumentNumber::parse(DocumentType::ResidentIdentityCard, "11010519491231002X").unwrap();
        Identity { name: PersonName::normalise(name).unwrap(), birth_date: document.birth_date(), document }
    }

    fn id(text: &str) -> PersonId {
        PersonId::try_new(text).unwrap()
    }

    #[test]
    fn a_record_opens_for_its_own_person_alone() {
        let vault = Vault::new(&Secrets::for_test()).unwrap();
        let sealed = vault.seal_person(&id("a"), &identity("样例一")).unwrap();
        assert!(vault.open_person(&id("a"), &sealed).unwrap() == identity("样例一"));
        assert_eq!(vault.open_person(&id("b"), &sealed).err(), Some(VaultFault::NotOpened));
        let other = Vault::new(&Secrets::for_test()).unwrap();
        assert_eq!(other.open_person(&id("a"), &sealed).err(), Some(VaultFault::NotOpened));
    }

    #[test]
    fn one_changed_bit_is_noticed() {
        let vault = Vault::new(&Secrets::for_test()).unwrap();
        let sealed = vault.seal_person(&id("a"), &identity("样例一")).unwrap();
        for index in 0..sealed.record.len() {
            let mut changed = sealed.clone();
            changed.record[index] ^= 1;
            assert_eq!(
                vault.open_person(&id("a"), &changed).err(),
                Some(VaultFault::NotOpened),
                "byte {index}"
            );
        }
    }

    #[test]
    fn the_length_of_a_record_does_not_tell_the_length_of_a_name() {
        let vault = Vault::new(&Secrets::for_test()).unwrap();
        let short = vault.seal_person(&id("a"), &identity("样")).unwrap();
        let long = vault.seal_person(&id("a"), &identity("样例·样例样例")).unwrap();
        assert_eq!(short.record.len(), long.record.len());
    }

    #[test]
    fn the_same_document_is_found_again_and_no_other() {
        let vault = Vault::new(&Secrets::for_test()).unwrap();
        let passport = |number: &str| DocumentNumber::parse(DocumentType::Passport, number).unwrap();
        assert_eq!(vault.lookup(&passport("e 123456")), vault.lookup(&passport("E123456")));
        assert_ne!(vault.lookup(&passport("E123456")), vault.lookup(&passport("E123457")));
        let permit = DocumentNumber::parse(DocumentType::TravelPermit, "E123456").unwrap();
        assert_ne!(vault.lookup(&passport("E123456")), vault.lookup(&permit));
    }
}
