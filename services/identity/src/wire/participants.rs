//! Organizations and clients.

use crate::error::Error;
use crate::scopes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenroom_auth::{KeyPurpose, PublicKey};
use greenroom_domain::identity::{
    CertificateMatch, CertificateName, Client, ClientCredential, ClientState, CredentialCheck, ExpiryNotice,
    Organization, OrganizationRole, OrganizationState, TokenBinding,
};
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId};
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::client_certificate::Match;
use greenroom_proto::identity::v1::create_client_request::Credential;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::{etag, wire};

/// The most scopes a client holds; a token carries no more.
pub const MAX_SCOPES: usize = 64;

/// What a caller asks to be created.
pub struct NewOrganization {
    /// The id.
    pub id: OrganizationId,
    /// The name people know it by.
    pub display_name: String,
    /// Its roles, each once, in their order.
    pub roles: Vec<OrganizationRole>,
}

/// What a caller asks to be created.
pub struct NewClient {
    /// The id.
    pub id: ClientId,
    /// The organization it acts for.
    pub organization: OrganizationId,
    /// The name people know it by.
    pub display_name: String,
    /// Its scopes, each once, in order.
    pub scopes: Vec<String>,
    /// How it will prove who it is.
    pub credential: NewCredential,
}

/// How a new client will prove who it is.
pub enum NewCredential {
    /// With this key of its own.
    PublicKey(PublicKey),
    /// With a secret that the service makes.
    GeneratedSecret,
}

/// Reads a request for a new organization.
pub fn new_organization(message: &proto::CreateOrganizationRequest) -> Result<NewOrganization, Error> {
    let mut violations = Violations::new();
    let id = violations.take("organization_id", OrganizationId::try_new(&message.organization_id));
    let organization = message.organization.clone().unwrap_or_default();
    let named = violations.take("organization.display_name", wire::text(&organization.display_name, 1..=120));
    let display_name = named.map(str::to_owned);
    let mut roles = Vec::new();
    for (index, number) in organization.roles.iter().enumerate() {
        let read = role(*number).ok_or("must be a role");
        roles.extend(violations.take(&format!("organization.roles[{index}]"), read));
    }
    violations.require(!organization.roles.is_empty(), "organization.roles", "must name at least one role");
    roles.sort_unstable();
    roles.dedup();
    let new = id.zip(display_name).map(|(id, display_name)| NewOrganization { id, display_name, roles });
    Ok(violations.finish(new)?)
}

/// Reads a request for a new client. A key that could never be used is told by its own reason.
pub fn new_client(message: &proto::CreateClientRequest) -> Result<NewClient, Error> {
    let mut violations = Violations::new();
    let id = violations.take("client_id", ClientId::try_new(&message.client_id));
    let client = message.client.clone().unwrap_or_default();
    let organization = violations.take("client.organization", wire::name(&client.organization));
    let named = violations.take("client.display_name", wire::text(&client.display_name, 1..=120));
    let display_name = named.map(str::to_owned);
    let scopes = scopes_of(&client.scopes, &mut violations);
    violations.require(
        message.credential.is_some(),
        "public_jwk",
        "a public key or a generated secret must be asked for",
    );
    let generated = matches!(message.credential, Some(Credential::GeneratedSecret(_)));
    violations.require(
        !generated || !message.request_id.is_empty(),
        "request_id",
        "must be set where a secret is generated: without it the secret would be lost with a lost answer",
    );
    let parsed = id.zip(organization).zip(display_name);
    let ((id, organization), display_name) = violations.finish(parsed)?;
    let credential = match &message.credential {
        Some(Credential::PublicJwk(jwk)) => NewCredential::PublicKey(
            PublicKey::from_jwk(jwk, KeyPurpose::ClientAssertion).map_err(Error::KeyUnusable)?,
        ),
        Some(Credential::Certificate(_) | Credential::GeneratedSecret(_)) | None => {
            NewCredential::GeneratedSecret
        }
    };
    Ok(NewClient { id, organization, display_name, scopes, credential })
}

fn scopes_of(given: &[String], violations: &mut Violations) -> Vec<String> {
    violations.require((1..=MAX_SCOPES).contains(&given.len()), "client.scopes", "must name 1 to 64 scopes");
    for (index, scope) in given.iter().enumerate().take(MAX_SCOPES) {
        violations.require(
            scopes::is_known(scope),
            &format!("client.scopes[{index}]"),
            "is not a scope of this suite",
        );
    }
    let mut scopes = given.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
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

/// A client on the wire, without anything secret.
pub fn client(client: &Client) -> proto::Client {
    proto::Client {
        name: client.id.name(),
        organization: client.organization.name(),
        display_name: client.display_name.clone(),
        scopes: client.scopes.clone(),
        state: client_state(client.state).into(),
        credentials: client.credentials.iter().map(credential).collect(),
        create_time: Some(wire::timestamp(client.create_time)),
        update_time: Some(wire::timestamp(client.update_time)),
        etag: etag::of(client.version),
        person: client.person.as_ref().map(PersonId::name).unwrap_or_default(),
        token_binding: match client.token_binding {
            TokenBinding::None => proto::TokenBinding::None,
            TokenBinding::ClientCertificate => proto::TokenBinding::ClientCertificate,
        }
        .into(),
    }
}

fn credential(credential: &ClientCredential) -> proto::ClientCredential {
    let (public_jwk, certificate) = match &credential.check {
        CredentialCheck::PublicKey(jwk) => (jwk.clone(), None),
        CredentialCheck::SecretHash(_) => (String::new(), None),
        CredentialCheck::Certificate(accepted) => (String::new(), Some(certificate(accepted))),
    };
    proto::ClientCredential {
        key_id: credential.key_id.clone(),
        r#type: credential_type(&credential.check).into(),
        public_jwk,
        create_time: Some(wire::timestamp(credential.create_time)),
        not_after_time: credential.not_after.map(wire::timestamp),
        certificate,
        expiry_notice: expiry_notice(credential.notice).into(),
    }
}

/// A kind of credential on the wire.
pub fn credential_type(check: &CredentialCheck) -> proto::ClientCredentialType {
    match check {
        CredentialCheck::PublicKey(_) => proto::ClientCredentialType::PublicKey,
        CredentialCheck::SecretHash(_) => proto::ClientCredentialType::Secret,
        CredentialCheck::Certificate(_) => proto::ClientCredentialType::Certificate,
    }
}

/// How near an end is, on the wire.
pub fn expiry_notice(notice: ExpiryNotice) -> proto::ExpiryNotice {
    match notice {
        ExpiryNotice::None => proto::ExpiryNotice::Unspecified,
        ExpiryNotice::ThirtyDays => proto::ExpiryNotice::ThirtyDays,
        ExpiryNotice::SevenDays => proto::ExpiryNotice::SevenDays,
        ExpiryNotice::OneDay => proto::ExpiryNotice::OneDay,
        ExpiryNotice::Ended => proto::ExpiryNotice::Ended,
    }
}

fn certificate(accepted: &CertificateMatch) -> proto::ClientCertificate {
    let accepted = match accepted {
        CertificateMatch::Thumbprint(hash) => Match::X5tS256(URL_SAFE_NO_PAD.encode(hash)),
        CertificateMatch::Name(CertificateName::SubjectDn, name) => Match::SubjectDn(name.clone()),
        CertificateMatch::Name(CertificateName::SanDns, name) => Match::SanDns(name.clone()),
        CertificateMatch::Name(CertificateName::SanUri, name) => Match::SanUri(name.clone()),
        CertificateMatch::Name(CertificateName::SanIp, name) => Match::SanIp(name.clone()),
        CertificateMatch::Name(CertificateName::SanEmail, name) => Match::SanEmail(name.clone()),
    };
    proto::ClientCertificate { r#match: Some(accepted) }
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

/// A client's state on the wire.
pub fn client_state(state: ClientState) -> proto::ClientState {
    match state {
        ClientState::Active => proto::ClientState::Active,
        ClientState::Disabled => proto::ClientState::Disabled,
    }
}
