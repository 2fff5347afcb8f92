use super::{ClientCredential, CredentialCheck, ExpiryNotice, refused_up_to};
use crate::kernel::{ClientId, OrganizationId, PersonId, Timestamp, Version};

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

/// Whether a client's tokens count for everybody who holds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenBinding {
    /// They are bearer tokens.
    None,
    /// They count together with the client certificate alone (RFC 8705 §3).
    ClientCertificate,
}

impl TokenBinding {
    /// Every binding.
    pub const ALL: [Self; 2] = [Self::None, Self::ClientCertificate];

    /// The stable code, used in storage and events.
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::ClientCertificate => "CLIENT_CERTIFICATE",
        }
    }

    /// The binding with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|binding| binding.code() == code)
    }
}

/// The end of the year 9999, the last second `google.protobuf.Timestamp` can tell: no token is issued later.
pub const NO_TOKEN: Timestamp = Timestamp::from_micros(253_402_300_799_000_000);

/// The most credentials a client holds: enough to change over, few enough to try them all.
pub const MAX_CREDENTIALS: usize = 16;

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
    /// The human who acts through it, under the organization's own name; none for a machine.
    pub person: Option<PersonId>,
    /// Whether its tokens count for everybody who holds one.
    pub token_binding: TokenBinding,
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

/// What of a client can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientProfile {
    /// The name people know it by.
    pub display_name: String,
    /// What its tokens may carry.
    pub scopes: Vec<String>,
    /// The human who acts through it.
    pub person: Option<PersonId>,
    /// Whether its tokens count for everybody who holds one.
    pub token_binding: TokenBinding,
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

    /// Refuses every token issued so far, those under way included: see [`refused_up_to`].
    #[must_use]
    pub fn revoke_tokens(self, now: Timestamp) -> Self {
        let tokens_valid_from = Some(refused_up_to(now, self.tokens_valid_from));
        Self { tokens_valid_from, update_time: now, ..self }
    }

    /// What of the client can be changed, as it is.
    pub fn profile(&self) -> ClientProfile {
        ClientProfile {
            display_name: self.display_name.clone(),
            scopes: self.scopes.clone(),
            person: self.person.clone(),
            token_binding: self.token_binding,
        }
    }

    /// Gives it another profile. Tokens issued so far are refused where they would tell or allow what no longer holds: a
    /// scope that is taken away, another person, or a binding they lack.
    #[must_use]
    pub fn update(self, profile: ClientProfile, now: Timestamp) -> Self {
        if profile == self.profile() {
            return self;
        }
        let ClientProfile { display_name, scopes, person, token_binding } = profile;
        let outdated = self.scopes.iter().any(|scope| !scopes.contains(scope))
            || person != self.person
            || token_binding > self.token_binding;
        let next = Self { display_name, scopes, person, token_binding, update_time: now, ..self };
        if outdated { next.revoke_tokens(now) } else { next }
    }

    /// Adds a credential, in the order of their ids.
    #[must_use]
    pub fn with(mut self, credential: ClientCredential, now: Timestamp) -> Self {
        self.credentials.push(credential);
        self.credentials.sort_by(|left, right| left.key_id.cmp(&right.key_id));
        Self { update_time: now, ..self }
    }

    /// Takes a credential away, and refuses the tokens so far: which of them it obtained is not known.
    #[must_use]
    pub fn without(mut self, key_id: &str, now: Timestamp) -> Self {
        self.credentials.retain(|credential| credential.key_id != key_id);
        self.revoke_tokens(now)
    }

    /// Lets the secrets it has end at `end`, if they do not end before.
    #[must_use]
    pub fn end_secrets(mut self, end: Timestamp, now: Timestamp) -> Self {
        let secrets = self
            .credentials
            .iter_mut()
            .filter(|credential| matches!(credential.check, CredentialCheck::SecretHash(_)));
        for secret in secrets {
            let not_after = secret.not_after.map_or(end, |known| known.min(end));
            secret.not_after = Some(not_after);
            secret.notice = ExpiryNotice::of(Some(not_after), now);
        }
        Self { update_time: now, ..self }
    }

    /// The credential with this id.
    pub fn credential(&self, key_id: &str) -> Option<&ClientCredential> {
        self.credentials.iter().find(|credential| credential.key_id == key_id)
    }

    /// Whether it may and can obtain tokens with a scope at `now`.
    pub fn can_obtain(&self, scope: &str, now: Timestamp) -> bool {
        self.state == ClientState::Active
            && self.scopes.iter().any(|held| held == scope)
            && self.credentials.iter().any(|credential| credential.is_good(now))
    }

    /// When the end of one of its credentials comes a step nearer; none for a disabled client.
    pub fn next_notice(&self) -> Option<Timestamp> {
        match self.state {
            ClientState::Disabled => None,
            ClientState::Active => self.credentials.iter().filter_map(ClientCredential::next_notice).min(),
        }
    }

    /// Brings the notices of its credentials up to `now`. Nothing else of it changes.
    #[must_use]
    pub fn notice_expiry(mut self, now: Timestamp) -> Self {
        for credential in &mut self.credentials {
            credential.notice = ExpiryNotice::of(credential.not_after, now);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn secret(key_id: &str, not_after: Option<Timestamp>) -> ClientCredential {
        ClientCredential {
            key_id: key_id.to_owned(),
            check: CredentialCheck::SecretHash([7; 32]),
            create_time: at(1),
            not_after,
            notice: ExpiryNotice::None,
        }
    }

    fn client() -> Client {
        Client {
            id: ClientId::try_new("shop").unwrap(),
            organization: OrganizationId::try_new("shop").unwrap(),
            display_name: "Shop".to_owned(),
            scopes: vec!["persons.read".to_owned(), "persons.write".to_owned()],
            person: None,
            token_binding: TokenBinding::None,
            state: ClientState::Active,
            tokens_valid_from: None,
            credentials: vec![secret("secret-1", None)],
            create_time: at(1),
            update_time: at(1),
            version: Version::FIRST,
        }
    }

    #[test]
    fn a_client_is_disabled_once_and_no_token_of_it_counts_whenever_it_is_issued() {
        let disabled = client().disable(at(5));
        assert_eq!((disabled.update_time, disabled.tokens_valid_from), (at(5), Some(NO_TOKEN)));
        assert_eq!(disabled.clone().disable(at(9)), disabled);
        // A later revocation of its tokens does not make old ones good.
        assert_eq!(disabled.revoke_tokens(at(9)).tokens_valid_from, Some(NO_TOKEN));
    }

    #[test]
    fn tokens_so_far_are_refused_only_where_they_tell_or_allow_too_much() {
        let revoked = Some(refused_up_to(at(5), None));
        let changed = |change: fn(&mut ClientProfile)| {
            let mut profile = client().profile();
            change(&mut profile);
            client().update(profile, at(5)).tokens_valid_from
        };
        assert_eq!(changed(|profile| profile.display_name = "New".to_owned()), None);
        assert_eq!(changed(|profile| profile.scopes.push("x".to_owned())), None);
        assert_eq!(changed(|profile| drop(profile.scopes.pop())), revoked);
        assert_eq!(changed(|profile| profile.person = PersonId::try_new("a").ok()), revoked);
        assert_eq!(changed(|profile| profile.token_binding = TokenBinding::ClientCertificate), revoked);
    }

    #[test]
    fn a_new_secret_lets_the_old_ones_end_and_never_makes_them_last_longer() {
        let both = client().with(secret("secret-0", Some(at(10))), at(2)).end_secrets(at(50), at(2));
        let ends: Vec<_> = both.credentials.iter().map(|secret| secret.not_after).collect();
        assert_eq!(ends, [Some(at(10)), Some(at(50))]);
    }

    #[test]
    fn a_client_whose_last_credential_ended_administers_nothing() {
        let ending = client().end_secrets(at(50), at(2));
        assert!(ending.can_obtain("persons.read", at(49)));
        assert!(!ending.can_obtain("persons.read", at(50)));
        assert!(!ending.can_obtain("clients.write", at(49)));
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for state in ClientState::ALL {
            assert_eq!(ClientState::from_code(state.code()), Some(state));
        }
        for binding in TokenBinding::ALL {
            assert_eq!(TokenBinding::from_code(binding.code()), Some(binding));
        }
    }
}
