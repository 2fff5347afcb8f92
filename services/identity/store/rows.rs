//! Rows, and how they become values.

use greenroom_domain::identity::port::{
    PairwiseName, PairwiseRecord, PersonRecord, ProofingRecord, Sealed, SigningKeyRecord,
};
use greenroom_domain::identity::{
    Client, ClientCredential, ClientState, CredentialCheck, DocumentType, GuardianConsent, Organization,
    OrganizationRole, OrganizationState, Person, PersonState, Proofing, ProofingMethod, ProofingResult,
};
use greenroom_domain::kernel::{Collection, Date, Id, Timestamp, Version};
use greenroom_domain::ledger::{Actor, StoreError};

pub struct OrganizationRow {
    pub id: String,
    pub display_name: String,
    pub roles: String,
    pub state: String,
    pub create_time_us: i64,
    pub update_time_us: i64,
    pub version: i64,
}

impl TryFrom<OrganizationRow> for Organization {
    type Error = StoreError;

    fn try_from(row: OrganizationRow) -> Result<Self, StoreError> {
        let roles = row.roles.split(' ').map(|role| code(OrganizationRole::from_code(role), "role"));
        Ok(Self {
            roles: roles.collect::<Result<_, _>>()?,
            id: id(&row.id)?,
            display_name: row.display_name,
            state: code(OrganizationState::from_code(&row.state), "organization state")?,
            create_time: Timestamp::from_micros(row.create_time_us),
            update_time: Timestamp::from_micros(row.update_time_us),
            version: Version::new(row.version),
        })
    }
}

pub struct ClientRow {
    pub id: String,
    pub organization: String,
    pub display_name: String,
    pub scopes: String,
    pub state: String,
    pub tokens_valid_from_us: Option<i64>,
    pub create_time_us: i64,
    pub update_time_us: i64,
    pub version: i64,
}

impl TryFrom<ClientRow> for Client {
    type Error = StoreError;

    fn try_from(row: ClientRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id)?,
            organization: id(&row.organization)?,
            display_name: row.display_name,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            state: code(ClientState::from_code(&row.state), "client state")?,
            tokens_valid_from: row.tokens_valid_from_us.map(Timestamp::from_micros),
            credentials: Vec::new(),
            create_time: Timestamp::from_micros(row.create_time_us),
            update_time: Timestamp::from_micros(row.update_time_us),
            version: Version::new(row.version),
        })
    }
}

pub struct CredentialRow {
    pub client_id: String,
    pub key_id: String,
    pub kind: String,
    pub public_jwk: String,
    pub secret_hash: Vec<u8>,
    pub create_time_us: i64,
}

impl TryFrom<CredentialRow> for ClientCredential {
    type Error = StoreError;

    fn try_from(row: CredentialRow) -> Result<Self, StoreError> {
        let check = match row.kind.as_str() {
            "PUBLIC_KEY" => CredentialCheck::PublicKey(row.public_jwk),
            _ => CredentialCheck::SecretHash(digest(row.secret_hash)?),
        };
        Ok(Self { key_id: row.key_id, check, create_time: Timestamp::from_micros(row.create_time_us) })
    }
}

pub struct PersonRow {
    pub id: String,
    pub lookup: Vec<u8>,
    pub claim_lookup: Vec<u8>,
    pub proven_lookup: Option<Vec<u8>>,
    pub document_type: String,
    pub state: String,
    pub state_since_us: i64,
    pub evidence_until_us: Option<i64>,
    pub document_until_us: Option<i64>,
    pub checked_at_us: Option<i64>,
    pub guardian_consent: String,
    pub guardian_consent_since_us: Option<i64>,
    pub hold_until_us: Option<i64>,
    pub wrapped_key: Vec<u8>,
    pub record: Vec<u8>,
    pub create_time_us: i64,
    pub update_time_us: i64,
    pub version: i64,
}

impl TryFrom<PersonRow> for PersonRecord {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        let person = Person {
            id: id(&row.id)?,
            state: code(PersonState::from_code(&row.state), "person state")?,
            state_since: Timestamp::from_micros(row.state_since_us),
            birth_date: None,
            evidence_until: row.evidence_until_us.map(Timestamp::from_micros),
            document_until: row.document_until_us.map(Timestamp::from_micros),
            checked_at: row.checked_at_us.map(Timestamp::from_micros),
            guardian_consent: code(GuardianConsent::from_code(&row.guardian_consent), "guardian consent")?,
            guardian_consent_since: row.guardian_consent_since_us.map(Timestamp::from_micros),
            hold_until: row.hold_until_us.map(Timestamp::from_micros),
            version: Version::new(row.version),
        };
        Ok(Self {
            person,
            document_type: code(DocumentType::from_code(&row.document_type), "document type")?,
            lookup: digest(row.lookup)?,
            claim_lookup: digest(row.claim_lookup)?,
            proven_lookup: row.proven_lookup.map(digest).transpose()?,
            sealed: Sealed { wrapped_key: row.wrapped_key, record: row.record },
            create_time: Timestamp::from_micros(row.create_time_us),
            update_time: Timestamp::from_micros(row.update_time_us),
        })
    }
}

pub struct PairwiseRow {
    pub organization: String,
    pub pairwise_id: String,
    pub person: String,
    pub create_time_us: i64,
}

impl TryFrom<PairwiseRow> for PairwiseRecord {
    type Error = StoreError;

    fn try_from(row: PairwiseRow) -> Result<Self, StoreError> {
        Ok(Self {
            name: PairwiseName { organization: id(&row.organization)?, name: id(&row.pairwise_id)? },
            person: id(&row.person)?,
            create_time: Timestamp::from_micros(row.create_time_us),
        })
    }
}

pub struct ProofingRow {
    pub id: String,
    pub person: String,
    pub method: String,
    pub result: String,
    pub checked_at_us: i64,
    pub fresh_until_us: i64,
    pub artefact_sha256: Vec<u8>,
    pub document_valid_until: String,
    pub client: String,
    pub organization: String,
    pub create_time_us: i64,
}

impl TryFrom<ProofingRow> for ProofingRecord {
    type Error = StoreError;

    fn try_from(row: ProofingRow) -> Result<Self, StoreError> {
        let valid_until = Some(row.document_valid_until).filter(|text| !text.is_empty());
        let valid_until = valid_until.map(|text| code(Date::parse(&text).ok(), "day")).transpose()?;
        let artefact = Some(row.artefact_sha256).filter(|bytes| !bytes.is_empty());
        Ok(Self {
            id: row.id,
            person: id(&row.person)?,
            proofing: Proofing {
                method: code(ProofingMethod::from_code(&row.method), "method of a check")?,
                result: code(ProofingResult::from_code(&row.result), "result of a check")?,
                checked_at: Timestamp::from_micros(row.checked_at_us),
                fresh_until: Timestamp::from_micros(row.fresh_until_us),
                artefact_sha256: artefact.map(digest).transpose()?,
                document_valid_until: valid_until,
            },
            actor: Actor { client: optional_id(&row.client)?, organization: optional_id(&row.organization)? },
            create_time: Timestamp::from_micros(row.create_time_us),
        })
    }
}

pub struct SigningKeyRow {
    pub key_id: String,
    pub public_jwk: String,
    pub sealed: Vec<u8>,
    pub active_from_us: i64,
    pub retired_from_us: Option<i64>,
}

impl From<SigningKeyRow> for SigningKeyRecord {
    fn from(row: SigningKeyRow) -> Self {
        Self {
            key_id: row.key_id,
            public_jwk: row.public_jwk,
            sealed: row.sealed,
            active_from: Timestamp::from_micros(row.active_from_us),
            retired_from: row.retired_from_us.map(Timestamp::from_micros),
        }
    }
}

/// A stored id.
pub fn id<K: Collection>(text: &str) -> Result<Id<K>, StoreError> {
    Id::try_new(text).map_err(|_| StoreError::Damaged(format!("an id of the collection `{}`", K::COLLECTION)))
}

/// A stored id; none for the empty text.
fn optional_id<K: Collection>(text: &str) -> Result<Option<Id<K>>, StoreError> {
    if text.is_empty() { Ok(None) } else { id(text).map(Some) }
}

fn code<T>(value: Option<T>, what: &str) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::Damaged(format!("an unknown {what}")))
}

/// A stored digest.
pub fn digest(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Damaged("a digest of the wrong length".to_owned()))
}
