//! Clients.

use super::{App, Database, tenant};
use crate::error::Error;
use crate::wire::{self, NewClient, NewCredential};
use greenroom_auth::{Caller, ClientSecret, PublicKey};
use greenroom_domain::identity::port::Change;
use greenroom_domain::identity::{
    Client, ClientCredential, ClientState, CredentialCheck, ExpiryNotice, NO_TOKEN, OrganizationRole,
    TokenBinding,
};
use greenroom_domain::kernel::{ClientId, OrganizationId, Version};
use greenroom_proto::identity::v1::{CreateClientResponse, DisableClientResponse};
use greenroom_rpc::etag;
use greenroom_rpc::once::{Done, Once, Planned};
use greenroom_rpc::page::Page;

/// The scope without which nobody can create a client.
const ADMINISTERS: &str = "clients.write";

/// How many clients are read at once.
const ROWS: i64 = 100;

/// A new client's first credential.
enum Made<'a> {
    /// Its own public key.
    Key(&'a PublicKey),
    /// A secret of ours, told once.
    Secret(ClientSecret),
}

impl<S: Database> App<S> {
    /// Creates a client. A secret is derived, not stored: the same request gives the same one.
    pub async fn create_client(
        &self,
        once: &Once,
        caller: &Caller,
        new: &NewClient,
    ) -> Result<Done<CreateClientResponse>, Error> {
        let made = self.make_credential(once, caller, new);
        let credential = credential(once, &made);
        let plan = async || {
            if self.store.organization(&new.organization).await?.is_none() {
                return Err(Error::OrganizationNotFound(new.organization.name()));
            }
            if self.store.client(&new.id).await?.is_some() {
                return Err(Error::ClientExists(new.id.name()));
            }
            let client = created(once, new, credential.clone());
            // INVARIANT: this answer is stored, so the secret is added behind it.
            let answer = CreateClientResponse {
                client: Some(wire::client(&client)),
                client_secret: String::new(),
                revision: String::new(),
            };
            let events = vec![wire::client_event(&client)];
            Ok(Planned { change: vec![Change::AddClient(client)], events, answer })
        };
        let commit = |change, write| self.store.commit(change, write);
        let mut done = once.run(self.store.log(), plan, commit).await?;
        if let (Made::Secret(secret), Some(_)) = (made, &done.position) {
            secret.expose().clone_into(&mut done.answer.client_secret);
        }
        Ok(done)
    }

    fn make_credential<'a>(&self, once: &Once, caller: &Caller, new: &'a NewClient) -> Made<'a> {
        if let NewCredential::PublicKey(key) = &new.credential {
            return Made::Key(key);
        }
        // INVARIANT: a generated secret is refused without a request id, so no two requests share these parts.
        let parts = ["client secret", new.id.as_str(), caller.client_id.as_str(), once.request_id()];
        Made::Secret(ClientSecret::from_bits(&self.vault.derive_secret(&parts)))
    }

    /// One client, if the caller may see it.
    pub async fn client(&self, caller: &Caller, id: &ClientId) -> Result<Client, Error> {
        let client = self.store.client(id).await?;
        let seen = client.filter(|client| tenant(caller).is_none_or(|own| *own == client.organization));
        seen.ok_or_else(|| Error::ClientNotFound(id.name()))
    }

    /// A page of the clients the caller may see, of one organization if `wanted` names one.
    pub async fn clients(
        &self,
        caller: &Caller,
        wanted: Option<&OrganizationId>,
        page: &Page,
    ) -> Result<(Vec<Client>, String), Error> {
        let own = tenant(caller);
        if own.is_some_and(|own| wanted.is_some_and(|wanted| wanted != own)) {
            return Ok((Vec::new(), String::new()));
        }
        let rows = self.store.clients(own.or(wanted), None, &page.after, page.limit()).await?;
        Ok(page.cut(rows, |client| client.id.as_str().to_owned()))
    }

    /// Disables a client for good. This service's own door knows at once.
    pub async fn disable_client(
        &self,
        once: &Once,
        id: &ClientId,
        given_etag: &str,
    ) -> Result<Done<DisableClientResponse>, Error> {
        let plan = async || {
            let unknown = || Error::ClientNotFound(id.name());
            let client = self.store.client(id).await?.ok_or_else(unknown)?;
            etag::check(given_etag, client.version, &id.name())?;
            if client.state == ClientState::Disabled {
                let answer = disabled(&client);
                return Ok::<_, Error>(Planned { change: Vec::new(), events: Vec::new(), answer });
            }
            let mut change: Vec<_> = self.heir(&client).await?.into_iter().collect();
            let next = client.disable(once.now());
            let stored = Client { version: next.version.next(), ..next.clone() };
            let events = vec![wire::client_event(&stored)];
            change.push(Change::SaveClient(next));
            Ok(Planned { change, events, answer: disabled(&stored) })
        };
        let commit = |change, write| self.store.commit(change, write);
        let done = once.run(self.store.log(), plan, commit).await?;
        if done.position.is_some() {
            self.gate.revoke_client(id, NO_TOKEN);
        }
        Ok(done)
    }

    /// Somebody who can administer the suite after `leaving` is gone, as a condition of the commit: two clients that
    /// disable each other at the same time must not both succeed. None where `leaving` cannot administer it either.
    async fn heir(&self, leaving: &Client) -> Result<Option<Change>, Error> {
        let organization = self.store.organization(&leaving.organization).await?;
        let operates = organization.is_some_and(|own| own.roles.contains(&OrganizationRole::SuiteOperator));
        if !operates || !administers(leaving) {
            return Ok(None);
        }
        let mut after = String::new();
        loop {
            let rows = self.store.clients(Some(&leaving.organization), None, &after, ROWS).await?;
            let Some(last) = rows.last() else {
                return Err(Error::LastOperatorClient(leaving.id.name()));
            };
            last.id.as_str().clone_into(&mut after);
            if let Some(heir) = rows.iter().find(|row| row.id != leaving.id && administers(row)) {
                return Ok(Some(Change::KeepClient(heir.id.clone(), heir.version)));
            }
        }
    }
}

fn administers(client: &Client) -> bool {
    client.state == ClientState::Active && client.scopes.iter().any(|scope| scope == ADMINISTERS)
}

fn disabled(client: &Client) -> DisableClientResponse {
    DisableClientResponse { client: Some(wire::client(client)), revision: String::new() }
}

fn created(once: &Once, new: &NewClient, credential: ClientCredential) -> Client {
    Client {
        id: new.id.clone(),
        organization: new.organization.clone(),
        display_name: new.display_name.clone(),
        scopes: new.scopes.clone(),
        person: None,
        token_binding: TokenBinding::None,
        state: ClientState::Active,
        tokens_valid_from: None,
        credentials: vec![credential],
        create_time: once.now(),
        update_time: once.now(),
        version: Version::FIRST,
    }
}

fn credential(once: &Once, made: &Made<'_>) -> ClientCredential {
    let (key_id, check) = match made {
        Made::Key(key) => (key.id().as_str().to_owned(), CredentialCheck::PublicKey(key.to_jwk_json())),
        Made::Secret(secret) => {
            ("secret-1".to_owned(), CredentialCheck::SecretHash(*secret.hash().as_bytes()))
        }
    };
    ClientCredential { key_id, check, create_time: once.now(), not_after: None, notice: ExpiryNotice::None }
}
