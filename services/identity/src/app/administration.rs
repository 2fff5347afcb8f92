//! Somebody must be able to administer the suite after every change.

use super::{App, Database};
use crate::error::Error;
use greenroom_domain::identity::port::Change;
use greenroom_domain::identity::{Client, Organization, PersonState};
use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp};

/// The scope without which nobody can create a client.
const ADMINISTERS: &str = "clients.write";

/// How many rows are read at once.
const ROWS: i64 = 100;

impl<S: Database> App<S> {
    /// What must stay as it is if `client` becomes `next`, because then others than it and those `leaving` with it administer the suite:
    /// conditions of the commit, for two that take it from each other at the same time must not both succeed. None where nothing is taken.
    pub(super) async fn heir_of_client(
        &self,
        client: &Client,
        next: &Client,
        leaving: &[ClientId],
        now: Timestamp,
    ) -> Result<Vec<Change>, Error> {
        if !client.can_obtain(ADMINISTERS, now) || next.can_obtain(ADMINISTERS, now) {
            return Ok(Vec::new());
        }
        let own = self.store.organization(&client.organization).await?;
        if !own.as_ref().is_some_and(Organization::operates) {
            return Ok(Vec::new());
        }
        let leaving: Vec<ClientId> = leaving.iter().chain([&client.id]).cloned().collect();
        // Most likely among its own.
        if let Some(own) = &own
            && let Some(heir) = self.administrator(&own.id, &leaving, now).await?
        {
            return Ok(kept(own, &heir));
        }
        let elsewhere = self.administrator_outside(&client.organization, &leaving, now).await?;
        elsewhere.ok_or_else(|| Error::LastOperatorClient(client.id.name()))
    }

    /// The same if `organization` becomes `next`.
    pub(super) async fn heir_of_organization(
        &self,
        organization: &Organization,
        next: &Organization,
        now: Timestamp,
    ) -> Result<Vec<Change>, Error> {
        if !organization.operates() || next.operates() {
            return Ok(Vec::new());
        }
        let Some(leaving) = self.administrator(&organization.id, &[], now).await? else {
            return Ok(Vec::new());
        };
        let elsewhere = self.administrator_outside(&organization.id, &[], now).await?;
        elsewhere.ok_or_else(|| Error::LastOperatorClient(leaving.id.name()))
    }

    /// A client of another organization that operates the suite.
    async fn administrator_outside(
        &self,
        organization: &OrganizationId,
        except: &[ClientId],
        now: Timestamp,
    ) -> Result<Option<Vec<Change>>, Error> {
        let mut after = String::new();
        loop {
            let rows = self.store.organizations(None, &after, ROWS).await?;
            let Some(last) = rows.last() else { return Ok(None) };
            last.id.as_str().clone_into(&mut after);
            for other in rows.iter().filter(|row| row.id != *organization && row.operates()) {
                if let Some(heir) = self.administrator(&other.id, except, now).await? {
                    return Ok(Some(kept(other, &heir)));
                }
            }
        }
    }

    /// A client of the organization, other than `except`, that can administer the suite now. One whose credentials have
    /// all ended cannot, nor one of a person whom the suite must not process.
    async fn administrator(
        &self,
        organization: &OrganizationId,
        except: &[ClientId],
        now: Timestamp,
    ) -> Result<Option<Client>, Error> {
        let mut after = String::new();
        loop {
            let rows = self.store.clients(Some(organization), None, &after, ROWS).await?;
            let Some(last) = rows.last() else { return Ok(None) };
            last.id.as_str().clone_into(&mut after);
            for row in rows {
                let fits = !except.contains(&row.id) && row.can_obtain(ADMINISTERS, now);
                if fits && !self.is_idle(&row).await? {
                    return Ok(Some(row));
                }
            }
        }
    }
}

impl<S: Database> App<S> {
    /// Whether the person who acts through a client must not be processed, so that it obtains no tokens.
    async fn is_idle(&self, client: &Client) -> Result<bool, Error> {
        let state = self.state_of_person(client).await?;
        Ok(matches!(state, Some(PersonState::Frozen | PersonState::Erased)))
    }
}

fn kept(organization: &Organization, heir: &Client) -> Vec<Change> {
    vec![
        Change::KeepOrganization(organization.id.clone(), organization.version),
        Change::KeepClient(heir.id.clone(), heir.version),
    ]
}

/// Puts changes and conditions of organizations and clients in the one order in which all transactions lock their rows:
/// two that are each other's condition must wait for each other, not wait for ever.
pub(super) fn in_order(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by(|left, right| place(left).cmp(&place(right)));
    changes
}

fn place(change: &Change) -> (u8, &str) {
    match change {
        Change::SaveOrganization(organization) => (0, organization.id.as_str()),
        Change::KeepOrganization(id, _) => (0, id.as_str()),
        Change::SaveClient(client) => (1, client.id.as_str()),
        Change::KeepClient(id, _) => (1, id.as_str()),
        _ => (2, ""),
    }
}
