//! Organizations and clients.

mod certificates;
mod changes;
mod clients;
mod organizations;

pub use changes::{
    Acting, AddedKey, ClientChange, MAX_SCOPES, NOT_FUTURE, NewClient, NewCredential, NewKey, Rotation,
    added_key, client_change, client_filter, ensure_usable, new_client, revoked_key, rotation,
};
pub use clients::{client, client_state, credential_type, expiry_notice};
pub use organizations::{
    NewOrganization, OrganizationChange, new_organization, organization, organization_change,
    organization_state, role_number, suspension,
};
