//! Organizations.

use super::{App, Database, tenant};
use crate::error::Error;
use crate::wire::{self, NewOrganization};
use greenroom_auth::Caller;
use greenroom_domain::identity::port::Change;
use greenroom_domain::identity::{Organization, OrganizationState};
use greenroom_domain::kernel::{OrganizationId, Version};
use greenroom_proto::identity::v1::CreateOrganizationResponse;
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
}
