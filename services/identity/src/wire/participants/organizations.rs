//! Organizations.

use crate::error::Error;
use greenroom_domain::identity::{Organization, OrganizationRole, OrganizationState};
use greenroom_domain::kernel::OrganizationId;
use greenroom_proto::identity::v1 as proto;
use greenroom_rpc::mask::Mask;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::{etag, wire};

/// The longest reason for a suspension.
const LONGEST_REASON: usize = 500;

/// What a caller asks to be created.
pub struct NewOrganization {
    /// The id.
    pub id: OrganizationId,
    /// The name people know it by.
    pub display_name: String,
    /// Its roles, each once, in their order.
    pub roles: Vec<OrganizationRole>,
}

/// What a caller asks to be changed.
pub struct OrganizationChange {
    /// Which one.
    pub id: OrganizationId,
    /// The etag the change was decided on; empty for any.
    pub etag: String,
    /// The new name, if it changes.
    pub display_name: Option<String>,
    /// The new roles, each once and in their order, if they change.
    pub roles: Option<Vec<OrganizationRole>>,
}

/// Reads a request for a new organization.
pub fn new_organization(message: &proto::CreateOrganizationRequest) -> Result<NewOrganization, Error> {
    let mut violations = Violations::new();
    let id = violations.take("organization_id", OrganizationId::try_new(&message.organization_id));
    let organization = message.organization.clone().unwrap_or_default();
    let display_name = named(&organization, &mut violations);
    let roles = roles_of(&organization, &mut violations);
    let new = id.zip(display_name).map(|(id, display_name)| NewOrganization { id, display_name, roles });
    Ok(violations.finish(new)?)
}

/// Reads a request to change an organization.
pub fn organization_change(message: &proto::UpdateOrganizationRequest) -> Result<OrganizationChange, Error> {
    let mut violations = Violations::new();
    let organization = message.organization.clone().unwrap_or_default();
    let id = violations.take("organization.name", wire::name(&organization.name));
    let set =
        [("display_name", !organization.display_name.is_empty()), ("roles", !organization.roles.is_empty())];
    let mask = Mask::read(message.update_mask.as_ref(), &set, &mut violations);
    let display_name = if mask.names("display_name") { named(&organization, &mut violations) } else { None };
    let roles = mask.names("roles").then(|| roles_of(&organization, &mut violations));
    let etag = organization.etag;
    Ok(violations.finish(id.map(|id| OrganizationChange { id, etag, display_name, roles }))?)
}

/// Reads which organization is to be suspended, and why.
pub fn suspension(message: &proto::SuspendOrganizationRequest) -> Result<(OrganizationId, String), Error> {
    let mut violations = Violations::new();
    let id = violations.take("name", wire::name(&message.name));
    let reason = violations.take("reason", wire::text(&message.reason, 1..=LONGEST_REASON));
    Ok(violations.finish(id.zip(reason.map(str::to_owned)))?)
}

fn named(organization: &proto::Organization, violations: &mut Violations) -> Option<String> {
    let named = wire::text(&organization.display_name, 1..=120);
    violations.take("organization.display_name", named).map(str::to_owned)
}

fn roles_of(organization: &proto::Organization, violations: &mut Violations) -> Vec<OrganizationRole> {
    let mut roles = Vec::new();
    for (index, number) in organization.roles.iter().enumerate() {
        let read = role(*number).ok_or("must be a role");
        roles.extend(violations.take(&format!("organization.roles[{index}]"), read));
    }
    violations.require(!organization.roles.is_empty(), "organization.roles", "must name at least one role");
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// An organization on the wire.
pub fn organization(organization: &Organization) -> proto::Organization {
    proto::Organization {
        name: organization.id.name(),
        display_name: organization.display_name.clone(),
        roles: organization.roles.iter().map(|role| role_number(*role)).collect(),
        state: organization_state(organization.state).into(),
        create_time: Some(wire::timestamp(organization.create_time)),
        update_time: Some(wire::timestamp(organization.update_time)),
        etag: etag::of(organization.version),
        suspension_reason: organization.suspension_reason.clone(),
    }
}

fn role(number: i32) -> Option<OrganizationRole> {
    use proto::OrganizationRole as Wire;
    match Wire::try_from(number).ok()? {
        Wire::Unspecified => None,
        Wire::Platform => Some(OrganizationRole::Platform),
        Wire::Issuer => Some(OrganizationRole::Issuer),
        Wire::RoomOperator => Some(OrganizationRole::RoomOperator),
        Wire::Agency => Some(OrganizationRole::Agency),
        Wire::Regulator => Some(OrganizationRole::Regulator),
        Wire::SuiteOperator => Some(OrganizationRole::SuiteOperator),
    }
}

/// A role's number on the wire.
pub fn role_number(role: OrganizationRole) -> i32 {
    use proto::OrganizationRole as Wire;
    let role = match role {
        OrganizationRole::Platform => Wire::Platform,
        OrganizationRole::Issuer => Wire::Issuer,
        OrganizationRole::RoomOperator => Wire::RoomOperator,
        OrganizationRole::Agency => Wire::Agency,
        OrganizationRole::Regulator => Wire::Regulator,
        OrganizationRole::SuiteOperator => Wire::SuiteOperator,
    };
    role.into()
}

/// An organization's state on the wire.
pub fn organization_state(state: OrganizationState) -> proto::OrganizationState {
    match state {
        OrganizationState::Active => proto::OrganizationState::Active,
        OrganizationState::Suspended => proto::OrganizationState::Suspended,
    }
}
