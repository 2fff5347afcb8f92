//! Persons who act through clients.

use super::administration::in_order;
use super::{App, Database};
use crate::error::Error;
use crate::wire::{self, Check};
use greenroom_auth::Caller;
use greenroom_domain::identity::port::{Change, PairwiseName};
use greenroom_domain::identity::{Client, ClientState, PersonState, ProofingMethod};
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Timestamp};
use greenroom_domain::ledger::EventDraft;

/// How many rows are read at once.
const ROWS: i64 = 100;

impl<S: Database> App<S> {
    /// Whoever acts through a client is known to its organization, under the name that the client's tokens carry, and may be
    /// processed. Gives the condition under which that stays so.
    pub(super) async fn require_person(
        &self,
        organization: &OrganizationId,
        person: Option<&PersonId>,
    ) -> Result<Option<Change>, Error> {
        let Some(person) = person else { return Ok(None) };
        let name = PairwiseName { organization: organization.clone(), name: person.clone() };
        let known = self.store.person_named(&name).await?;
        let (_, record) = known.ok_or_else(|| Error::PersonNotFound(person.name()))?;
        match record.person.state {
            PersonState::Frozen => Err(Error::PersonFrozen(person.name())),
            PersonState::Erased => Err(Error::PersonErased(person.name())),
            _ => Ok(Some(Change::KeepPerson(record.person.id.clone(), record.version()))),
        }
    }

    /// The suite-wide id of the person who acts through the caller's client, if one does.
    pub(super) async fn acting_person(&self, caller: &Caller) -> Result<Option<PersonId>, Error> {
        let Some(name) = caller.person.clone() else { return Ok(None) };
        let name = PairwiseName { organization: caller.organization.clone(), name };
        Ok(self.store.person_named(&name).await?.map(|(_, record)| record.person.id))
    }

    /// Gives up every token of the clients through which a person acts: one part of a commit after which the person is not
    /// processed any more. Somebody else must be left who can administer the suite.
    pub(super) async fn stop_acting(
        &self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<(Vec<Change>, Vec<EventDraft>), Error> {
        let clients = self.clients_of_person(person).await?;
        let all: Vec<ClientId> = clients.iter().map(|client| client.id.clone()).collect();
        let (mut changes, mut events) = (Vec::new(), Vec::new());
        for client in clients {
            let without = client.clone().disable(now);
            changes.extend(self.heir_of_client(&client, &without, &all, now).await?);
            let mut next = client.revoke_tokens(now);
            next.tokens_valid_from = self.refused_with(&next, now).await?;
            events.push(wire::client_event(&Client { version: next.version.next(), ..next.clone() }));
            changes.push(Change::SaveClient(next));
        }
        let mut changes = in_order(changes);
        changes.dedup();
        Ok((changes, events))
    }

    /// Tells this service's own door which tokens it refuses since a person is not processed any more. What cannot be read, the
    /// feed tells it a moment later.
    pub(super) async fn tell_door_of_person(&self, name: &PairwiseName) {
        let Ok(Some((_, record))) = self.store.person_named(name).await else { return };
        for client in self.clients_of_person(&record.person.id).await.unwrap_or_default() {
            if let Some(until) = client.tokens_valid_from {
                self.gate.revoke_client(&client.id, until);
            }
        }
    }

    /// The active clients through which a person acts, whichever organization has them.
    async fn clients_of_person(&self, person: &PersonId) -> Result<Vec<Client>, Error> {
        let mut found = Vec::new();
        for organization in self.store.organizations_knowing(person).await? {
            let Some(named) = self.store.name_of(&organization, person).await? else { continue };
            let own = |client: &Client| {
                client.state == ClientState::Active && client.person.as_ref() == Some(&named.name.name)
            };
            let mut after = String::new();
            loop {
                let rows = self.store.clients(Some(&organization), None, &after, ROWS).await?;
                let Some(last) = rows.last() else { break };
                last.id.as_str().clone_into(&mut after);
                found.extend(rows.into_iter().filter(own));
            }
        }
        Ok(found)
    }
}

/// Nobody attests who the person is through whose client the word comes: `acting`, who acts through the caller's client.
pub(super) fn ensure_not_own(
    check: &Check,
    acting: Option<&PersonId>,
    person: &PersonId,
) -> Result<(), Error> {
    let attests = check.method == ProofingMethod::AdministratorAttestation;
    if attests && acting == Some(person) { Err(Error::AttestorIsPerson) } else { Ok(()) }
}
