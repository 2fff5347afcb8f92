use super::{OrganizationRole, OrganizationState};
use crate::kernel::{ClientId, OrganizationId, Timestamp, Version};

/// A legal person that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id, chosen at creation.
    pub id: OrganizationId,
    /// The name people know it by.
    pub display_name: String,
    /// What it may act as; at least one, each once.
    pub roles: Vec<OrganizationRole>,
    /// Whether it takes part at present.
    pub state: OrganizationState,
    /// When it was created.
    pub create_time: Timestamp,
    /// When it last changed.
    pub update_time: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

/// Whether a client may obtain tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientState {
    /// It may.
    Active,
    /// It may not, for good.
    Disabled,
}

impl ClientState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Active, Self::Disabled];

    /// The stable code, used in storage and events.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Disabled => "DISABLED",
        }
    }

    /// The state with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// One way for a client to prove who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCredential {
    /// Its id: for a public key the `kid` it goes by.
    pub key_id: String,
    /// What a proof is checked against.
    pub check: CredentialCheck,
    /// When it was added.
    pub create_time: Timestamp,
}

/// What a client's proof is checked against. Nothing in it lets its holder pose as the client.
#[derive(Clone, PartialEq, Eq)]
pub enum CredentialCheck {
    /// The public key, as a JSON Web Key.
    PublicKey(String),
    /// The hash of the secret.
    SecretHash([u8; 32]),
}

impl std::fmt::Debug for CredentialCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PublicKey(_) => "PublicKey",
            Self::SecretHash(_) => "SecretHash(redacted)",
        })
    }
}

/// The end of the year 9999, the last second `google.protobuf.Timestamp` can tell: no token is issued later.
pub const NO_TOKEN: Timestamp = Timestamp::from_micros(253_402_300_799_000_000);

/// A program that calls the suite for an organization: a confidential client (RFC 6749 §2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The OAuth `client_id`.
    pub id: ClientId,
    /// The organization it acts for.
    pub organization: OrganizationId,
    /// The name people know it by.
    pub display_name: String,
    /// What its tokens may carry.
    pub scopes: Vec<String>,
    /// Whether it may obtain tokens.
    pub state: ClientState,
    /// Tokens issued up to this instant are refused; none unless some were revoked. [`NO_TOKEN`] once it is disabled.
    pub tokens_valid_from: Option<Timestamp>,
    /// How it proves who it is.
    pub credentials: Vec<ClientCredential>,
    /// When it was created.
    pub create_time: Timestamp,
    /// When it last changed.
    pub update_time: Timestamp,
    /// The version this value was read at.
    pub version: Version,
}

impl Client {
    /// Disables the client for good, and with it every token, whenever issued: one may be on its way while the disabling
    /// waits for its turn. A disabled client stays exactly as it is.
    #[must_use]
    pub fn disable(self, now: Timestamp) -> Self {
        match self.state {
            ClientState::Disabled => self,
            ClientState::Active => {
                let tokens_valid_from = Some(NO_TOKEN);
                Self { state: ClientState::Disabled, tokens_valid_from, update_time: now, ..self }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        let created = Timestamp::from_micros(1);
        Client {
            id: ClientId::try_new("shop").unwrap(),
            organization: OrganizationId::try_new("shop").unwrap(),
            display_name: "Shop".to_owned(),
            scopes: vec!["persons.read".to_owned()],
            state: ClientState::Active,
            tokens_valid_from: None,
            credentials: Vec::new(),
            create_time: created,
            update_time: created,
            version: Version::FIRST,
        }
    }

    #[test]
    fn a_client_is_disabled_once_and_no_token_of_it_counts_whenever_it_is_issued() {
        let disabled = client().disable(Timestamp::from_micros(5));
        assert_eq!(
            (disabled.update_time, disabled.tokens_valid_from),
            (Timestamp::from_micros(5), Some(NO_TOKEN))
        );
        assert_eq!(disabled.clone().disable(Timestamp::from_micros(9)), disabled);
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for state in ClientState::ALL {
            assert_eq!(ClientState::from_code(state.code()), Some(state));
        }
    }

    #[test]
    fn no_hash_of_a_secret_reaches_a_log() {
        assert_eq!(format!("{:?}", CredentialCheck::SecretHash([7; 32])), "SecretHash(redacted)");
    }
}
