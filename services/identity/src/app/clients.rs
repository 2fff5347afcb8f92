//! Clients.

use super::administration::in_order;
use super::credentials::{First, require_future};
use super::{App, Database, tenant};
use crate::error::Error;
use crate::wire::{self, Acting, ClientChange, NewClient, NewCredential};
use greenroom_auth::Caller;
use greenroom_domain::identity::port::Change;
use greenroom_domain::identity::{
    Client, ClientCredential, ClientProfile, ClientState, NO_TOKEN, refused_up_to,
};
use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp, Version};
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::{CreateClientResponse, DisableClientResponse, UpdateClientResponse};
use greenroom_rpc::etag;
use greenroom_rpc::once::{Done, Once, Planned};
use greenroom_rpc::page::Page;

impl<S: Database> App<S> {
    /// Creates a client. A secret is derived, not stored: the same request gives the same one.
    pub async fn create_client(
        &self,
        once: &Once,
        caller: &Caller,
        new: &NewClient,
    ) -> Result<Done<CreateClientResponse>, Error> {
        let first = match &new.credential {
            NewCredential::Key(key) => First::Key(key),
            // INVARIANT: a generated secret is refused without a request id, so no two requests share its parts.
            NewCredential::GeneratedSecret => {
                First::Secret(self.secret_for("client secret", &new.id, caller, once))
            }
        };
        let plan = async || {
            require_future(new.not_after, "credential_not_after_time", once.now())?;
            let organization = self.store.organization(&new.organization).await?;
            let organization =
                organization.ok_or_else(|| Error::OrganizationNotFound(new.organization.name()))?;
            wire::ensure_usable(&new.scopes, &organization)?;
            if self.store.client(&new.id).await?.is_some() {
                return Err(Error::ClientExists(new.id.name()));
            }
            let kept = self.require_person(&new.organization, new.person.as_ref()).await?;
            let client = created(once, new, first.credential(new.not_after, once.now()));
            // INVARIANT: this answer is stored, so the secret is added behind it.
            let answer = CreateClientResponse {
                client: Some(wire::client(&client)),
                client_secret: String::new(),
                revision: String::new(),
            };
            let events = vec![wire::client_event(&client)];
            let change = [Change::AddClient(client)].into_iter().chain(kept).collect();
            Ok(Planned { change, events, answer })
        };
        let commit = |change, write| self.store.commit(change, write);
        let mut done = once.run(self.store.log(), plan, commit).await?;
        if let (First::Secret(secret), Some(_)) = (first, &done.position) {
            secret.expose().clone_into(&mut done.answer.client_secret);
        }
        Ok(done)
    }

    /// One client, if the caller may see it.
    pub async fn client(&self, caller: &Caller, id: &ClientId) -> Result<Client, Error> {
        let client = self.store.client(id).await?;
        let seen = client.filter(|client| tenant(caller).is_none_or(|own| *own == client.organization));
        seen.ok_or_else(|| Error::ClientNotFound(id.name()))
    }

    /// A page of the clients the caller may see: of one organization if `wanted` names one, and only active ones with a
    /// credential that ends before `ends_before`, if that is given.
    pub async fn clients(
        &self,
        caller: &Caller,
        wanted: Option<&OrganizationId>,
        ends_before: Option<Timestamp>,
        page: &Page,
    ) -> Result<(Vec<Client>, String), Error> {
        let own = tenant(caller);
        if own.is_some_and(|own| wanted.is_some_and(|wanted| wanted != own)) {
            return Ok((Vec::new(), String::new()));
        }
        let rows = self.store.clients(own.or(wanted), ends_before, &page.after, page.limit()).await?;
        Ok(page.cut(rows, |client| client.id.as_str().to_owned()))
    }

    /// Changes what a client is called, what its tokens may carry, whom it acts for, or how its tokens are bound.
    pub async fn update_client(
        &self,
        once: &Once,
        change: &ClientChange,
    ) -> Result<Done<UpdateClientResponse>, Error> {
        let plan = async || {
            let client = self.client_at(&change.id, &change.etag).await?;
            require_active(&client)?;
            let kept = match &change.acting {
                Some(Acting::Person(person)) => {
                    self.require_person(&client.organization, Some(person)).await?
                }
                Some(Acting::Machine) | None => None,
            };
            if let (Some(scopes), Some(own)) =
                (&change.scopes, self.store.organization(&client.organization).await?)
            {
                wire::ensure_usable(scopes, &own)?;
            }
            let profile = changed(change, client.profile());
            let next = client.clone().update(profile, once.now());
            let answer = |client| UpdateClientResponse { client: Some(client), revision: String::new() };
            let mut planned = self.client_changed(once, &client, next, answer).await?;
            if !planned.change.is_empty() {
                planned.change.extend(kept);
            }
            Ok::<_, Error>(planned)
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        self.tell_door_of_client(&change.id, &done).await;
        Ok(done)
    }

    /// Disables a client for good. This service's own door knows at once.
    pub async fn disable_client(
        &self,
        once: &Once,
        id: &ClientId,
        given_etag: &str,
    ) -> Result<Done<DisableClientResponse>, Error> {
        let plan = async || {
            let client = self.client_at(id, given_etag).await?;
            let next = client.clone().disable(once.now());
            self.client_changed(once, &client, next, |client| DisableClientResponse {
                client: Some(client),
                revision: String::new(),
            })
            .await
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        self.tell_door_of_client(id, &done).await;
        Ok(done)
    }

    /// The client, if it is still the one a decision was made on.
    pub(super) async fn client_at(&self, id: &ClientId, given_etag: &str) -> Result<Client, Error> {
        let unknown = || Error::ClientNotFound(id.name());
        let client = self.store.client(id).await?.ok_or_else(unknown)?;
        etag::check(given_etag, client.version, &id.name())?;
        Ok(client)
    }

    /// What is to be committed so that `client` becomes `next`, with its notices as of now.
    pub(super) async fn client_changed<A>(
        &self,
        once: &Once,
        client: &Client,
        next: Client,
        answer: impl FnOnce(proto::Client) -> A,
    ) -> Result<Planned<Vec<Change>, A>, Error> {
        if next == *client {
            let answer = answer(wire::client(client));
            return Ok(Planned { change: Vec::new(), events: Vec::new(), answer });
        }
        let mut next = next.notice_expiry(once.now());
        if next.tokens_valid_from > client.tokens_valid_from {
            next.tokens_valid_from = self.refused_with(&next, once.now()).await?;
        }
        let mut changes = self.heir_of_client(client, &next, &[], once.now()).await?;
        let stored = Client { version: next.version.next(), ..next.clone() };
        let events = vec![wire::client_event(&stored)];
        changes.push(Change::SaveClient(next));
        Ok(Planned { change: in_order(changes), events, answer: answer(wire::client(&stored)) })
    }

    /// Up to when tokens of a client are refused that is being refused those so far: its organization may have been refused
    /// its own in the same second, and tokens issued since state the next.
    pub(super) async fn refused_with(
        &self,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        let organization = self.store.organization(&client.organization).await?;
        let reached = organization.and_then(|organization| organization.tokens_valid_from);
        // A suspension refuses them by itself, and what ends it those from before.
        let reached = reached.filter(|until| *until != NO_TOKEN).map(|until| refused_up_to(now, Some(until)));
        Ok(client.tokens_valid_from.max(reached))
    }

    /// Tells this service's own door which tokens of a client it refuses since what was just committed. If it cannot be
    /// read, the feed tells it a moment later.
    pub(super) async fn tell_door_of_client<A>(&self, id: &ClientId, done: &Done<A>) {
        if done.position.is_some()
            && let Ok(Some(client)) = self.store.client(id).await
            && let Some(until) = client.tokens_valid_from
        {
            self.gate.revoke_client(id, until);
        }
    }
}

/// A client that is disabled for good does not change any more.
pub(super) fn require_active(client: &Client) -> Result<(), Error> {
    match client.state {
        ClientState::Active => Ok(()),
        ClientState::Disabled => Err(Error::ClientDisabled(client.id.name())),
    }
}

fn changed(change: &ClientChange, profile: ClientProfile) -> ClientProfile {
    ClientProfile {
        display_name: change.display_name.clone().unwrap_or(profile.display_name),
        scopes: change.scopes.clone().unwrap_or(profile.scopes),
        person: match &change.acting {
            None => profile.person,
            Some(Acting::Machine) => None,
            Some(Acting::Person(person)) => Some(person.clone()),
        },
        token_binding: change.token_binding.unwrap_or(profile.token_binding),
    }
}

fn created(once: &Once, new: &NewClient, credential: ClientCredential) -> Client {
    Client {
        id: new.id.clone(),
        organization: new.organization.clone(),
        display_name: new.display_name.clone(),
        scopes: new.scopes.clone(),
        person: new.person.clone(),
        token_binding: new.token_binding,
        state: ClientState::Active,
        tokens_valid_from: None,
        credentials: vec![credential],
        create_time: once.now(),
        update_time: once.now(),
        version: Version::FIRST,
    }
}
