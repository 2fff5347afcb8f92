//! What the operator does about organizations, tokens, keys and records.

use crate::citizens::Operator;
use crate::town::{Connection, Service};
use crate::{Answer, request_id};
use greenroom_domain::kernel::Timestamp;
use greenroom_proto::identity::v1 as identity;
use greenroom_proto::registry::v1 as registry;
use identity::identity_feed_service_client::IdentityFeedServiceClient;
use identity::organization_service_client::OrganizationServiceClient;
use identity::person_service_client::PersonServiceClient;
use identity::token_service_client::TokenServiceClient;
use registry::registry_feed_service_client::RegistryFeedServiceClient;

/// A person, by the name an organization has for it.
fn pairwise(organization: &str, person: &str) -> identity::PairwiseName {
    let organization = format!("organizations/{organization}");
    identity::PairwiseName { organization, person: person.to_owned() }
}

impl Operator<'_> {
    /// Suspends an organization.
    pub async fn suspend(&self, id: &str) -> Answer<()> {
        let request = identity::SuspendOrganizationRequest {
            name: format!("organizations/{id}"),
            reason: "the contract is under dispute".to_owned(),
            request_id: request_id(),
            ..Default::default()
        };
        self.organizations().suspend_organization(request).await.map(drop)
    }

    /// Reinstates an organization.
    pub async fn reinstate(&self, id: &str) -> Answer<()> {
        let request = identity::ReinstateOrganizationRequest {
            name: format!("organizations/{id}"),
            request_id: request_id(),
            ..Default::default()
        };
        self.organizations().reinstate_organization(request).await.map(drop)
    }

    /// Revokes every token that a client holds.
    pub async fn revoke_tokens_of(&self, client: &str) -> Answer<()> {
        let request = identity::RevokeClientTokensRequest {
            name: format!("clients/{client}"),
            request_id: request_id(),
            ..Default::default()
        };
        self.tokens().revoke_client_tokens(request).await.map(drop)
    }

    /// Makes the next signing key.
    pub async fn rotate(
        &self,
        rotation: identity::SigningKeyRotation,
    ) -> Answer<identity::RotateSigningKeyResponse> {
        let request = identity::RotateSigningKeyRequest {
            rotation: rotation.into(),
            request_id: request_id(),
            validate_only: false,
        };
        Ok(self.tokens().rotate_signing_key(request).await?.into_inner())
    }

    /// Freezes a person's record until an instant; gives the revision.
    pub async fn freeze(&self, organization: &str, person: &str, until: Timestamp) -> Answer<String> {
        let request = identity::FreezePersonRequest {
            person: Some(pairwise(organization, person)),
            hold_until_time: Some(greenroom_rpc::wire::timestamp(until)),
            request_id: request_id(),
            ..Default::default()
        };
        Ok(self.persons().freeze_person(request).await?.into_inner().revision)
    }

    /// Takes a frozen record into use again; gives the revision.
    pub async fn unfreeze(&self, organization: &str, person: &str) -> Answer<String> {
        let request = identity::UnfreezePersonRequest {
            person: Some(pairwise(organization, person)),
            request_id: request_id(),
            ..Default::default()
        };
        Ok(self.persons().unfreeze_person(request).await?.into_inner().revision)
    }

    /// Erases a person's record; gives the revision.
    pub async fn erase(&self, organization: &str, person: &str) -> Answer<String> {
        let request = identity::ErasePersonRequest {
            person: Some(pairwise(organization, person)),
            request_id: request_id(),
            ..Default::default()
        };
        Ok(self.persons().erase_person(request).await?.into_inner().revision)
    }

    /// All that the identity service's feed tells so far.
    pub async fn identity_events(&self) -> Answer<Vec<identity::IdentityEvent>> {
        let mut feed = IdentityFeedServiceClient::new(self.to(Service::Identity));
        let request = identity::WatchIdentityEventsRequest::default();
        let mut answers = feed.watch_identity_events(request).await?.into_inner();
        let mut events = Vec::new();
        while let Some(answer) = answers.message().await? {
            events.extend(answer.events);
            if answer.current_time.is_some() {
                break;
            }
        }
        Ok(events)
    }

    /// All that the registry's feed tells so far.
    pub async fn registry_events(&self) -> Answer<Vec<registry::RegistryEvent>> {
        let mut feed = RegistryFeedServiceClient::new(self.to(Service::Registry));
        let request = registry::WatchRegistryEventsRequest::default();
        let mut answers = feed.watch_registry_events(request).await?.into_inner();
        let mut events = Vec::new();
        while let Some(answer) = answers.message().await? {
            events.extend(answer.events);
            if answer.current_time.is_some() {
                break;
            }
        }
        Ok(events)
    }

    fn organizations(&self) -> OrganizationServiceClient<Connection> {
        OrganizationServiceClient::new(self.to(Service::Identity))
    }

    fn persons(&self) -> PersonServiceClient<Connection> {
        PersonServiceClient::new(self.to(Service::Identity))
    }

    fn tokens(&self) -> TokenServiceClient<Connection> {
        TokenServiceClient::new(self.to(Service::Identity))
    }
}
