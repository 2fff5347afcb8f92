//! What the identity service keeps in its store.

use crate::identity::{Client, DocumentType, GuardianConsent, Person, Proofing};
use crate::kernel::{ClientId, OrganizationId, PersonId, Timestamp, Version};
use crate::ledger::Actor;

/// A keyed hash: of a document's kind and number, or of these and a name.
pub type Lookup = [u8; 32];

/// A person as stored: what is readable, and what is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// The readable part. Its age is always unknown: what is known of it is inside `sealed`.
    pub person: Person,
    /// The kind of document; none for a person known by a network number alone.
    pub document_type: Option<DocumentType>,
    /// Keyed hash of the document, or of the network number. Random once the record is erased.
    pub lookup: Lookup,
    /// Keyed hash of document and name, by which the person is found. Until a check proves whose it is, a document may be
    /// claimed under several names, each a person of its own: a wrong name locks nobody out.
    pub claim_lookup: Lookup,
    /// `lookup` once more, from the first match on; no second person can be proven with the same document.
    pub proven_lookup: Option<Lookup>,
    /// Name, document and birth date, encrypted.
    pub sealed: Sealed,
    /// The next instant at which time alone changes what is true of the person.
    pub due: Option<Timestamp>,
    /// When the person was registered.
    pub create_time: Timestamp,
    /// When the record last changed.
    pub update_time: Timestamp,
}

impl PersonRecord {
    /// The version this record was read at.
    pub const fn version(&self) -> Version {
        self.person.version
    }
}

/// Ciphertext, and the key to it in an envelope.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The id of the master key that the data key is encrypted with; empty once the record is erased.
    pub wrapped_by: String,
    /// The person's own data key, encrypted with the master key.
    pub wrapped_key: Vec<u8>,
    /// The record, encrypted with the data key.
    pub record: Vec<u8>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealed")
    }
}

/// The name one organization has for a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PairwiseName {
    /// Whose name it is.
    pub organization: OrganizationId,
    /// The name.
    pub name: PersonId,
}

/// The name one organization has for a person, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairwiseRecord {
    /// The name.
    pub name: PairwiseName,
    /// The suite-wide id of the person.
    pub person: PersonId,
    /// When the organization first registered the person.
    pub create_time: Timestamp,
}

/// How a document is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentStanding {
    /// Under one name or several, none of them proven.
    Claimed,
    /// As that of this person, by a check that matched.
    Proven(PersonId),
}

/// One identity check with the person it is about and who recorded it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofingRecord {
    /// Its id.
    pub id: String,
    /// The suite-wide id of the person.
    pub person: PersonId,
    /// The check.
    pub proofing: Proofing,
    /// Who recorded it.
    pub actor: Actor,
    /// When it was recorded.
    pub create_time: Timestamp,
}

/// A guardian's word about a person of 16 or 17: evidence, appended and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardianStatement {
    /// Its id.
    pub id: String,
    /// The suite-wide id of the person.
    pub person: PersonId,
    /// Given or withdrawn.
    pub consent: GuardianConsent,
    /// SHA-256 of the signed statement, if there is one.
    pub artefact_sha256: Option<[u8; 32]>,
    /// The suite-wide id of the guardian, if registered.
    pub guardian: Option<PersonId>,
    /// Who recorded it.
    pub actor: Actor,
    /// When it was recorded.
    pub create_time: Timestamp,
}

/// One access token that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedToken {
    /// Its id (`jti`).
    pub token_id: String,
    /// The client it was issued to.
    pub client: ClientId,
    /// When it would have ended.
    pub expire_time: Timestamp,
}

/// A client assertion's id, which counts once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AssertionUse {
    /// The client that signed it.
    pub client: ClientId,
    /// The id (`jti`).
    pub assertion_id: String,
    /// Until when the id is remembered.
    pub expire_time: Timestamp,
}

/// What is due by time alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// Persons, those due first in front.
    pub persons: Vec<PersonRecord>,
    /// Clients whose credentials come a step nearer to their end.
    pub clients: Vec<Client>,
    /// The resource names of rows among them that are damaged.
    pub damaged: Vec<String>,
}

/// What is due and passed over for a while, because it cannot be read where it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassedOver(String);

impl PassedOver {
    /// A row, by its resource name.
    pub fn row(&mut self, name: &str) {
        self.add(name);
    }

    /// All persons whose data keys this master key encrypts.
    pub fn master_key(&mut self, id: &str) {
        self.add(&format!("keys/{id}"));
    }

    fn add(&mut self, word: &str) {
        if self.0.is_empty() {
            self.0.push(' ');
        }
        self.0.push_str(word);
        self.0.push(' ');
    }

    /// Every word between spaces: what statements look into.
    pub fn words(&self) -> &str {
        &self.0
    }
}

/// Which persons a source is asked about again. Not those whose proof ends with their document: no check makes it longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecheckFilter<'a> {
    /// The source whose match they are verified by.
    pub source: &'a str,
    /// Only those whose proof ends until then.
    pub until: Timestamp,
    /// Not those about whom the source was asked after this instant.
    pub not_asked_since: Timestamp,
}

/// Which persons of an organization are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonFilter<'a> {
    /// Whose names for persons count.
    pub organization: &'a OrganizationId,
    /// Only those whose proof ends before; all, if none.
    pub due_before: Option<Timestamp>,
}

/// Something encrypted with a master key that is no longer the present one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// The person's or the signing key's id.
    pub id: String,
    /// The ciphertext as it was read; replaced only if it is still the same.
    pub ciphertext: Vec<u8>,
    /// The master key it is encrypted with.
    pub wrapped_by: String,
}

/// What is encrypted with the master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrappedKind {
    /// The data keys of persons.
    DataKeys,
    /// The private halves of signing keys.
    SigningKeys,
}

/// A key that signs access tokens, its private half sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyRecord {
    /// Its `kid`.
    pub key_id: String,
    /// The public half as a JSON Web Key.
    pub public_jwk: String,
    /// The private half (PKCS#8), encrypted with the master key.
    pub sealed: Vec<u8>,
    /// The id of the master key.
    pub wrapped_by: String,
    /// The first instant it signs at; it is published before.
    pub active_from: Timestamp,
    /// From when it is published no more; none while it is.
    pub retired_from: Option<Timestamp>,
}
