//! What is stored encrypted, and what is found by keyed hash.
//!
//! Envelope encryption with AES-256-GCM: each person's record is sealed with a data key of its own, and that key with
//! the master key. Destroying the small envelope destroys the record, also in every backup.

use crate::masters::Masters;
use crate::secrets::{Key, Secrets, SecretsError, fresh};
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::cipher::{AES_256, DecryptingKey, DecryptionContext, EncryptingKey, UnboundCipherKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenroom_domain::identity::port::{
    Lookup, PairwiseName, Sealed, SigningKeyRecord, Wrapped, WrappedKind,
};
use greenroom_domain::identity::{
    Age, BirthDate, DocumentNumber, DocumentType, NamedDocument, NetworkNumber, PersonIdentity, PersonName,
};
use greenroom_domain::kernel::{Date, OrganizationId, PersonId, Version};
use serde::{Deserialize, Serialize};
use std::path::Path;
use uuid::Uuid;
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
    /// It is wrapped with a master key that this service does not have.
    #[error("stored ciphertext is wrapped with a master key that the keys file does not have")]
    NoSuchKey,
    /// What was inside is not what this program writes.
    #[error("decrypted data is malformed")]
    Malformed,
}

impl From<SecretsError> for VaultFault {
    fn from(_: SecretsError) -> Self {
        Self::NotSealed
    }
}

/// Who a person is, and how old. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Who it is.
    pub known: PersonIdentity,
    /// What the document's number or a check told of the age.
    pub age: Age,
}

impl Identity {
    /// Somebody nobody has checked yet: of the age only what the document's number tells is known.
    pub fn claimed(known: PersonIdentity) -> Self {
        let age = known.birth_date().into();
        Self { known, age }
    }
}

/// The form in which an identity is sealed. What is not known is left out.
#[derive(Default, Serialize, Deserialize)]
struct Record {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    document_type: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    document_number: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    network_number: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    birth_date: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    adult: bool,
}

impl Record {
    fn of(identity: &Identity) -> Self {
        let mut record = Self::default();
        match &identity.known {
            PersonIdentity::Document(NamedDocument { name, document }) => {
                name.expose().clone_into(&mut record.name);
                document.document_type().code().clone_into(&mut record.document_type);
                document.expose().clone_into(&mut record.document_number);
            }
            PersonIdentity::NetworkNumber(number) => number.expose().clone_into(&mut record.network_number),
        }
        match identity.age {
            Age::Unknown => {}
            Age::Born(date) => record.birth_date = Some(date.expose().to_string()),
            Age::Adult => record.adult = true,
        }
        record
    }

    fn read(&self) -> Option<Identity> {
        let known = if self.network_number.is_empty() {
            let document_type = DocumentType::from_code(&self.document_type)?;
            PersonIdentity::Document(NamedDocument {
                name: PersonName::normalise(&self.name).ok()?,
                document: DocumentNumber::parse(document_type, &self.document_number).ok()?,
            })
        } else {
            PersonIdentity::NetworkNumber(NetworkNumber::parse(&self.network_number).ok()?)
        };
        let age = match &self.birth_date {
            Some(text) => Age::Born(BirthDate::new(Date::parse(text).ok()?)),
            None if self.adult => Age::Adult,
            None => Age::Unknown,
        };
        Some(Identity { known, age })
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.name.zeroize();
        self.document_number.zeroize();
        self.network_number.zeroize();
        self.birth_date.zeroize();
    }
}

/// Seals, opens and hashes.
pub struct Vault {
    masters: Masters,
    lookup: hmac::Key,
    derivation: hmac::Key,
    fingerprints: Key,
}

impl Vault {
    /// A vault with these keys and no others.
    pub fn new(secrets: &Secrets) -> Result<Self, VaultFault> {
        Ok(Self::of(secrets, Masters::new(secrets)?))
    }

    /// A vault with the keys of a file, which notices when the file changes.
    pub fn of_file(path: &Path, secrets: &Secrets) -> Result<Self, VaultFault> {
        Ok(Self::of(secrets, Masters::of_file(path, secrets)?))
    }

    fn of(secrets: &Secrets, masters: Masters) -> Self {
        Self {
            masters,
            lookup: hmac::Key::new(hmac::HMAC_SHA256, secrets.lookup.as_slice()),
            derivation: hmac::Key::new(hmac::HMAC_SHA256, secrets.derivation.as_slice()),
            fingerprints: secrets.lookup.clone(),
        }
    }

    /// Looks whether the keys file has changed. Whatever seals looks by itself; this is for times when nothing does.
    pub fn look_at_keys(&self) {
        self.masters.look();
    }

    /// The key for fingerprints of requests.
    pub fn fingerprint_key(&self) -> &[u8] {
        self.fingerprints.as_slice()
    }

    /// Keyed hash of a document, or of a network number.
    pub fn lookup(&self, known: &PersonIdentity) -> Lookup {
        match known {
            PersonIdentity::Document(NamedDocument { document, .. }) => {
                mac(&self.lookup, &["document", document.document_type().code(), document.expose()])
            }
            PersonIdentity::NetworkNumber(number) => mac(&self.lookup, &["network number", number.expose()]),
        }
    }

    /// Keyed hash of a document under a name, or of a network number: what a person is found by.
    pub fn claim_lookup(&self, known: &PersonIdentity) -> Lookup {
        match known {
            PersonIdentity::Document(NamedDocument { name, document }) => {
                let parts = ["claim", document.document_type().code(), document.expose(), name.expose()];
                mac(&self.lookup, &parts)
            }
            PersonIdentity::NetworkNumber(number) => {
                mac(&self.lookup, &["network number claim", number.expose()])
            }
        }
    }

    /// The etag of a person as one organization sees it: nobody can tell the version from it, or know the person again
    /// by that of another organization.
    pub fn person_etag(&self, organization: &OrganizationId, name: &PersonId, version: Version) -> String {
        let version = version.to_string();
        let tag = mac(&self.lookup, &["person etag", organization.as_str(), name.as_str(), &version]);
        let half: [u8; 16] = std::array::from_fn(|place| tag.get(place).copied().unwrap_or_default());
        format!("\"{:032x}\"", u128::from_be_bytes(half))
    }

    /// The id of a proofing job as one organization sees it: nobody can know a person again by that of another
    /// organization.
    pub fn conceal_job(&self, named: &PairwiseName, id: &str) -> Result<String, VaultFault> {
        let mut block = Uuid::parse_str(id).map_err(|_| VaultFault::Malformed)?.into_bytes();
        let key = EncryptingKey::ecb(self.job_key(named)?).map_err(|_| VaultFault::NotSealed)?;
        // One block, and each is another: nothing repeats that a mode of operation would hide.
        key.encrypt(&mut block).map_err(|_| VaultFault::NotSealed)?;
        Ok(Uuid::from_bytes(block).to_string())
    }

    /// The id behind what [`Vault::conceal_job`] gave; none for anything else.
    pub fn reveal_job(&self, named: &PairwiseName, shown: &str) -> Option<String> {
        let mut block = Uuid::parse_str(shown).ok().filter(|id| id.to_string() == shown)?.into_bytes();
        let key = DecryptingKey::ecb(self.job_key(named).ok()?).ok()?;
        key.decrypt(&mut block, DecryptionContext::None).ok()?;
        Some(Uuid::from_bytes(block).to_string())
    }

    fn job_key(
        &self,
        PairwiseName { organization, name }: &PairwiseName,
    ) -> Result<UnboundCipherKey, VaultFault> {
        let key =
            Zeroizing::new(mac(&self.derivation, &["proofing job", organization.as_str(), name.as_str()]));
        UnboundCipherKey::new(&AES_256, key.as_slice()).map_err(|_| VaultFault::NotSealed)
    }

    /// A client secret that only these parts and the keys file give: made again, never stored.
    pub fn derive_secret(&self, parts: &[&str]) -> Key {
        Zeroizing::new(mac(&self.derivation, parts))
    }

    /// Seals a person's record for this person alone.
    pub fn seal_person(&self, id: &PersonId, identity: &Identity) -> Result<Sealed, VaultFault> {
        let mut plain =
            Zeroizing::new(serde_json::to_vec(&Record::of(identity)).map_err(|_| VaultFault::NotSealed)?);
        // JSON may end in spaces.
        let filled = plain.len().next_multiple_of(BLOCK);
        plain.resize(filled, b' ');
        let key = fresh()?;
        let (wrapped_key, wrapped_by) = self.wrap(&data_key(id.as_str()), key.as_slice())?;
        Ok(Sealed {
            wrapped_by,
            wrapped_key,
            record: seal(&cipher(&key)?, &context("person", id.as_str()), &plain)?,
        })
    }

    /// Opens a person's record.
    pub fn open_person(&self, id: &PersonId, sealed: &Sealed) -> Result<Identity, VaultFault> {
        let key = self.unwrap(&sealed.wrapped_by, &data_key(id.as_str()), &sealed.wrapped_key)?;
        let key =
            <[u8; 32]>::try_from(key.as_slice()).map(Zeroizing::new).map_err(|_| VaultFault::Malformed)?;
        let plain = open(&cipher(&key)?, &context("person", id.as_str()), &sealed.record)?;
        let record: Record = serde_json::from_slice(&plain).map_err(|_| VaultFault::Malformed)?;
        record.read().ok_or(VaultFault::Malformed)
    }

    /// Seals where a page of what belongs to `owner` ended: a key of the caller's next page that tells nothing.
    pub fn seal_place(&self, owner: &str, place: &str) -> Result<String, VaultFault> {
        let sealed = seal(&self.places()?, &context("place", owner), place.as_bytes())?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens it again; none for what was not sealed here for this owner.
    pub fn open_place(&self, owner: &str, sealed: &str) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let place = open(&self.places().ok()?, &context("place", owner), &sealed).ok()?;
        String::from_utf8(place.to_vec()).ok()
    }

    /// Not a master key: pages go on while those change.
    fn places(&self) -> Result<RandomizedNonceKey, VaultFault> {
        cipher(&self.derive_secret(&["place"]))
    }

    /// Seals the private half of a signing key, and names the master key it is sealed with.
    pub fn seal_signing_key(&self, key_id: &str, pkcs8: &[u8]) -> Result<(Vec<u8>, String), VaultFault> {
        self.wrap(&signing_key(key_id), pkcs8)
    }

    /// Opens the private half of a signing key.
    pub fn open_signing_key(&self, record: &SigningKeyRecord) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
        self.unwrap(&record.wrapped_by, &signing_key(&record.key_id), &record.sealed)
    }

    /// The same, wrapped with the present master key.
    pub fn rewrap(&self, kind: WrappedKind, read: &Wrapped) -> Result<Wrapped, VaultFault> {
        let context = match kind {
            WrappedKind::DataKeys => data_key(&read.id),
            WrappedKind::SigningKeys => signing_key(&read.id),
        };
        let plain = self.unwrap(&read.wrapped_by, &context, &read.ciphertext)?;
        let (ciphertext, wrapped_by) = self.wrap(&context, &plain)?;
        Ok(Wrapped { id: read.id.clone(), ciphertext, wrapped_by })
    }

    /// Seals with the present master key, and names it.
    fn wrap(&self, context: &[u8], plain: &[u8]) -> Result<(Vec<u8>, String), VaultFault> {
        let ring = self.masters.current();
        let (id, master) = ring.present().ok_or(VaultFault::NotSealed)?;
        Ok((seal(master, context, plain)?, id.to_owned()))
    }

    /// Opens with the master key of this id.
    fn unwrap(&self, id: &str, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultFault> {
        let ring = self.masters.having(id);
        open(ring.key(id).ok_or(VaultFault::NoSuchKey)?, context, sealed)
    }
}

fn data_key(person: &str) -> Vec<u8> {
    context("data key", person)
}

fn signing_key(key_id: &str) -> Vec<u8> {
    context("signing key", key_id)
}

/// The cipher with a key.
pub fn cipher(key: &Key) -> Result<RandomizedNonceKey, VaultFault> {
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
        let name = PersonName::normalise(name).unwrap();
        Identity::claimed(PersonIdentity::Document(NamedDocument { name, document }))
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
        assert_eq!(other.open_person(&id("a"), &sealed).err(), Some(VaultFault::NoSuchKey));
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
    fn what_was_told_of_an_age_and_a_network_number_comes_back() {
        let vault = Vault::new(&Secrets::for_test()).unwrap();
        let number = PersonIdentity::NetworkNumber(NetworkNumber::parse("aB12345678").unwrap());
        let born = Age::Born(BirthDate::new(Date::parse("2008-02-29").unwrap()));
        for age in [Age::Unknown, Age::Adult, born] {
            let identity = Identity { known: number.clone(), age };
            let sealed = vault.seal_person(&id("a"), &identity).unwrap();
            assert!(vault.open_person(&id("a"), &sealed).unwrap() == identity);
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
    fn each_organization_has_its_own_name_for_a_job() {
        let vault = Vault::new(&Secrets::for_test()).unwrap();
        let of = |organization| PairwiseName {
            organization: OrganizationId::try_new(organization).unwrap(),
            name: id("mina"),
        };
        let job = Uuid::new_v4().to_string();
        let shown = vault.conceal_job(&of("shop"), &job).unwrap();
        assert_eq!(vault.conceal_job(&of("shop"), &job).unwrap(), shown);
        assert_eq!(vault.reveal_job(&of("shop"), &shown), Some(job.clone()));
        assert_ne!(vault.conceal_job(&of("store"), &job).unwrap(), shown);
        assert_ne!(vault.reveal_job(&of("store"), &shown), Some(job));
        assert_eq!(vault.reveal_job(&of("shop"), &shown.to_uppercase()), None);
    }

    #[test]
    fn the_same_document_is_found_again_and_no_other() {
        let vault = Vault::new(&Secrets::for_test()).unwrap();
        let document = |document_type, number: &str| {
            let document = DocumentNumber::parse(document_type, number).unwrap();
            let name = PersonName::normalise("样例一").unwrap();
            PersonIdentity::Document(NamedDocument { name, document })
        };
        let passport = |number| document(DocumentType::Passport, number);
        assert_eq!(vault.lookup(&passport("e 123456")), vault.lookup(&passport("E123456")));
        assert_ne!(vault.lookup(&passport("E123456")), vault.lookup(&passport("E123457")));
        let permit = document(DocumentType::TravelPermit, "E123456");
        assert_ne!(vault.lookup(&passport("E123456")), vault.lookup(&permit));
    }
}
