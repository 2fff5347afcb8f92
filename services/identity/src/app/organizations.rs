//! Organizations.

use super::administration::in_order;
use super::{App, Database, tenant};
use crate::error::Error;
use crate::wire::{self, NewOrganization, OrganizationChange};
use greenroom_auth::Caller;
use greenroom_domain::identity::port::Change;
use greenroom_domain::identity::{Organization, OrganizationState};
use greenroom_domain::kernel::{OrganizationId, Version};
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::{
    CreateOrganizationResponse, ReinstateOrganizationResponse, SuspendOrganizationResponse,
    UpdateOrganizationResponse,
};
use greenroom_rpc::etag;
use greenroom_rpc::once::{Done, Once, Planned};
use greenroom_rpc::page::Page;

impl<S: Database> App<S> {
    /// Creates an organization.
    pub async fn create_organization(
        &self,
        once: &Once,
        new: &NewOrganization,
    ) -> Result<Done<CreateOrganizationResponse>, Error> {
        let plan = async || {
            if self.store.organization(&new.id).await?.is_some() {
                return Err(Error::OrganizationExists(new.id.name()));
            }
            let organization = Organization {
                id: new.id.clone(),
                display_name: new.display_name.clone(),
                roles: new.roles.clone(),
                state: OrganizationState::Active,
                suspension_reason: String::new(),
                tokens_valid_from: None,
                create_time: once.now(),
                update_time: once.now(),
                version: Version::FIRST,
            };
            let answer = CreateOrganizationResponse {
                organization: Some(wire::organization(&organization)),
                revision: String::new(),
            };
            let events = vec![wire::organization_event(&organization)];
            Ok(Planned { change: vec![Change::AddOrganization(organization)], events, answer })
        };
        once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await
    }

    /// One organization, if the caller may see it.
    pub async fn organization(&self, caller: &Caller, id: &OrganizationId) -> Result<Organization, Error> {
        let unknown = || Error::OrganizationNotFound(id.name());
        if tenant(caller).is_some_and(|own| own != id) {
            return Err(unknown());
        }
        self.store.organization(id).await?.ok_or_else(unknown)
    }

    /// A page of the organizations the caller may see.
    pub async fn organizations(
        &self,
        caller: &Caller,
        page: &Page,
    ) -> Result<(Vec<Organization>, String), Error> {
        let rows = self.store.organizations(tenant(caller), &page.after, page.limit()).await?;
        Ok(page.cut(rows, |organization| organization.id.as_str().to_owned()))
    }

    /// Changes an organization's name or roles.
    pub async fn update_organization(
        &self,
        once: &Once,
        change: &OrganizationChange,
    ) -> Result<Done<UpdateOrganizationResponse>, Error> {
        let plan = async || {
            let organization = self.organization_at(&change.id, &change.etag).await?;
            let named = change.display_name.clone().unwrap_or_else(|| organization.display_name.clone());
            let roles = change.roles.clone().unwrap_or_else(|| organization.roles.clone());
            let next = organization.clone().update(named, roles, once.now());
            self.changed(once, &organization, next, |organization| UpdateOrganizationResponse {
                organization: Some(organization),
                revision: String::new(),
            })
            .await
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        self.tell_door(&change.id, &done).await;
        Ok(done)
    }

    /// Stops an organization from taking part. This service's own door knows at once.
    pub async fn suspend_organization(
        &self,
        once: &Once,
        id: &OrganizationId,
        reason: &str,
        given_etag: &str,
    ) -> Result<Done<SuspendOrganizationResponse>, Error> {
        let plan = async || {
            let organization = self.organization_at(id, given_etag).await?;
            let next = organization.clone().suspend(reason, once.now());
            self.changed(once, &organization, next, |organization| SuspendOrganizationResponse {
                organization: Some(organization),
                revision: String::new(),
            })
            .await
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        self.tell_door(id, &done).await;
        Ok(done)
    }

    /// Lets an organization take part again. This service's own door knows at once.
    pub async fn reinstate_organization(
        &self,
        once: &Once,
        id: &OrganizationId,
        given_etag: &str,
    ) -> Result<Done<ReinstateOrganizationResponse>, Error> {
        let plan = async || {
            let organization = self.organization_at(id, given_etag).await?;
            let next = organization.clone().reinstate(once.now());
            self.changed(once, &organization, next, |organization| ReinstateOrganizationResponse {
                organization: Some(organization),
                revision: String::new(),
            })
            .await
        };
        let done = once.run(self.store.log(), plan, |change, write| self.store.commit(change, write)).await?;
        self.tell_door(id, &done).await;
        Ok(done)
    }

    /// The organization, if it is still the one a decision was made on.
    async fn organization_at(&self, id: &OrganizationId, given_etag: &str) -> Result<Organization, Error> {
        let unknown = || Error::OrganizationNotFound(id.name());
        let organization = self.store.organization(id).await?.ok_or_else(unknown)?;
        etag::check(given_etag, organization.version, &id.name())?;
        Ok(organization)
    }

    /// What is to be committed so that `organization` becomes `next`.
    async fn changed<A>(
        &self,
        once: &Once,
        organization: &Organization,
        next: Organization,
        answer: impl FnOnce(proto::Organization) -> A,
    ) -> Result<Planned<Vec<Change>, A>, Error> {
        if next == *organization {
            let answer = answer(wire::organization(organization));
            return Ok(Planned { change: Vec::new(), events: Vec::new(), answer });
        }
        let mut changes = self.heir_of_organization(organization, &next, once.now()).await?;
        let stored = Organization { version: next.version.next(), ..next.clone() };
        let events = vec![wire::organization_event(&stored)];
        changes.push(Change::SaveOrganization(next));
        Ok(Planned { change: in_order(changes), events, answer: answer(wire::organization(&stored)) })
    }

    /// Tells this service's own door what was just committed. If it cannot be read, the feed tells it a moment later.
    async fn tell_door<A>(&self, id: &OrganizationId, done: &Done<A>) {
        if done.position.is_some()
            && let Ok(Some(organization)) = self.store.organization(id).await
        {
            self.tell_door_of_organization(&organization);
        }
    }

    /// Tells this service's own door which tokens of an organization's clients it refuses.
    pub fn tell_door_of_organization(&self, organization: &Organization) {
        if let Some(until) = organization.tokens_valid_from {
            self.gate.revoke_organization(&organization.id, until, organization.version.as_i64());
        }
    }
}
