//! How clients prove who they are: keys, certificates and secrets come and go without an outage.

use super::clients::require_active;
use super::{App, Database};
use crate::error::Error;
use crate::wire::{AddedKey, NOT_FUTURE, NewKey, Rotation};
use aws_lc_rs::digest::{Context, SHA256};
use greenroom_auth::{Caller, ClientSecret};
use greenroom_domain::identity::{
    CertificateMatch, Client, ClientCredential, CredentialCheck, ExpiryNotice, MAX_CREDENTIALS,
};
use greenroom_domain::kernel::{ClientId, Timestamp};
use greenroom_proto::identity::v1::{
    AddClientKeyResponse, RevokeClientKeyResponse, RotateClientSecretResponse,
};
use greenroom_rpc::fault::Fault;
use greenroom_rpc::once::{Done, Once};
use greenroom_rpc::violations::Violations;
use std::fmt::Write as _;

/// How much of the hash a certificate's id shows, in bytes.
const ID_BYTES: usize = 8;

impl<S: Database> App<S> {
    /// Adds a key or a certificate.
    pub async fn add_client_key(
        &self,
        once: &Once,
        added: &AddedKey,
        given_etag: &str,
    ) -> Result<Done<AddClientKeyResponse>, Error> {
        let plan = async || {
            require_future(added.not_after, "not_after_time", once.now())?;
            let client = self.client_at(&added.id, given_etag).await?;
            require_active(&client)?;
            let (key_id, check) = of_key(&added.key);
            if client.credential(&key_id).is_some() {
                return Err(Error::KeyExists(key_id));
            }
            let credential = credential(key_id, check, added.not_after, once.now());
            let next = with_room(client.clone(), once.now())?.with(credential, once.now());
            self.client_changed(once, &client, next, |client| AddClientKeyResponse {
                client: Some(client),
                revision: String::new(),
            })
            .await
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    /// Takes a credential away, and refuses the tokens so far. This service's own door knows at once.
    pub async fn revoke_client_key(
        &self,
        once: &Once,
        id: &ClientId,
        key_id: &str,
        given_etag: &str,
    ) -> Result<Done<RevokeClientKeyResponse>, Error> {
        let plan = async || {
            let client = self.client_at(id, given_etag).await?;
            if client.credential(key_id).is_none() {
                return Err(Error::KeyNotFound(key_id.to_owned()));
            }
            let next = client.clone().without(key_id, once.now());
            self.client_changed(once, &client, next, |client| RevokeClientKeyResponse {
                client: Some(client),
                revision: String::new(),
            })
            .await
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        self.tell_door_of_client(id, &done).await;
        Ok(done)
    }

    /// Makes a new secret beside those there are. It is derived, not stored: the same request gives the same one.
    pub async fn rotate_client_secret(
        &self,
        once: &Once,
        caller: &Caller,
        rotation: &Rotation,
        given_etag: &str,
    ) -> Result<Done<RotateClientSecretResponse>, Error> {
        let Rotation { id, .. } = rotation;
        // INVARIANT: a rotation is refused without a request id, so no two of them share these parts.
        let secret = self.secret_for("rotated client secret", id, caller, once);
        let plan = async || {
            require_future(rotation.not_after, "not_after_time", once.now())?;
            let client = self.client_at(id, given_etag).await?;
            require_active(&client)?;
            let next = rotated(client.clone(), rotation, &secret, once.now())?;
            // INVARIANT: this answer is stored, so the secret is added behind it.
            self.client_changed(once, &client, next, |client| RotateClientSecretResponse {
                client: Some(client),
                client_secret: String::new(),
                revision: String::new(),
            })
            .await
        };
        let commit = |change, write| self.store.commit(change, write);
        let mut done = once.run(self.store.log(), plan, commit).await?;
        if done.position.is_some() {
            secret.expose().clone_into(&mut done.answer.client_secret);
        }
        self.tell_door_of_client(id, &done).await;
        Ok(done)
    }

    /// The secret of one request of one caller for one client, the same however often it is made.
    pub(super) fn secret_for(
        &self,
        purpose: &str,
        id: &ClientId,
        caller: &Caller,
        once: &Once,
    ) -> ClientSecret {
        let parts = [purpose, id.as_str(), caller.client_id.as_str(), once.request_id()];
        ClientSecret::from_bits(&self.vault.derive_secret(&parts))
    }
}

/// A new client's first credential.
pub(super) enum First<'a> {
    /// Something of its own.
    Key(&'a NewKey),
    /// A secret of ours, told once.
    Secret(ClientSecret),
}

impl First<'_> {
    /// As it is stored.
    pub(super) fn credential(&self, not_after: Option<Timestamp>, now: Timestamp) -> ClientCredential {
        let (key_id, check) = match self {
            Self::Key(key) => of_key(key),
            Self::Secret(secret) => (secret_id(&[]), of_secret(secret)),
        };
        credential(key_id, check, not_after, now)
    }
}

/// A credential that has ended before it began is a mistake.
pub(super) fn require_future(not_after: Option<Timestamp>, field: &str, now: Timestamp) -> Result<(), Fault> {
    let mut violations = Violations::new();
    violations.require(not_after.is_none_or(|end| end > now), field, NOT_FUTURE);
    violations.finish(Some(()))
}

/// The client with a new secret beside those it has, which end with the overlap.
fn rotated(
    client: Client,
    rotation: &Rotation,
    secret: &ClientSecret,
    now: Timestamp,
) -> Result<Client, Error> {
    let client = client.end_secrets(now.plus(rotation.overlap), now);
    let client = if rotation.overlap.is_zero() { client.revoke_tokens(now) } else { client };
    let client = with_room(client, now)?;
    let key_id = secret_id(&client.credentials);
    let credential = credential(key_id, of_secret(secret), rotation.not_after, now);
    Ok(client.with(credential, now))
}

/// The client with room for one more credential. Secrets that have ended make way; a key or a certificate is its owner's
/// to take away.
fn with_room(mut client: Client, now: Timestamp) -> Result<Client, Error> {
    if client.credentials.len() >= MAX_CREDENTIALS {
        let stays = |credential: &ClientCredential| {
            credential.is_good(now) || !matches!(credential.check, CredentialCheck::SecretHash(_))
        };
        client.credentials.retain(stays);
    }
    if client.credentials.len() < MAX_CREDENTIALS { Ok(client) } else { Err(Error::TooManyKeys) }
}

fn credential(
    key_id: String,
    check: CredentialCheck,
    not_after: Option<Timestamp>,
    now: Timestamp,
) -> ClientCredential {
    let notice = ExpiryNotice::of(not_after, now);
    ClientCredential { key_id, check, create_time: now, not_after, notice }
}

fn of_secret(secret: &ClientSecret) -> CredentialCheck {
    CredentialCheck::SecretHash(*secret.hash().as_bytes())
}

/// A key goes by its own id, a certificate by one that follows from what is accepted: the same twice is noticed.
fn of_key(key: &NewKey) -> (String, CredentialCheck) {
    match key {
        NewKey::Public(key) => (key.id().as_str().to_owned(), CredentialCheck::PublicKey(key.to_jwk_json())),
        NewKey::Certificate(accepted) => {
            (certificate_id(accepted), CredentialCheck::Certificate(accepted.clone()))
        }
    }
}

fn certificate_id(accepted: &CertificateMatch) -> String {
    let (kind, value) = match accepted {
        CertificateMatch::Thumbprint(hash) => ("THUMBPRINT", hash.as_slice()),
        CertificateMatch::Name(name, value) => (name.code(), value.as_bytes()),
    };
    let mut context = Context::new(&SHA256);
    context.update(kind.as_bytes());
    context.update(&[0]);
    context.update(value);
    let hash = context.finish();
    hash.as_ref().iter().take(ID_BYTES).fold("cert-".to_owned(), |mut id, byte| {
        // INVARIANT: writing to a text cannot fail.
        let _ = write!(id, "{byte:02x}");
        id
    })
}

/// The lowest of `secret-1`, `secret-2`, … that none of the others has.
fn secret_id(others: &[ClientCredential]) -> String {
    let mut number = 1;
    loop {
        let id = format!("secret-{number}");
        if others.iter().all(|other| other.key_id != id) {
            return id;
        }
        number += 1;
    }
}
