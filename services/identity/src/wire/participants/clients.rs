//! Clients, as they are told.

use super::certificates::certificate;
use greenroom_domain::identity::{
    Client, ClientCredential, ClientState, CredentialCheck, ExpiryNotice, TokenBinding,
};
use greenroom_domain::kernel::PersonId;
use greenroom_proto::identity::v1 as proto;
use greenroom_rpc::{etag, wire};

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

/// A client's state on the wire.
pub fn client_state(state: ClientState) -> proto::ClientState {
    match state {
        ClientState::Active => proto::ClientState::Active,
        ClientState::Disabled => proto::ClientState::Disabled,
    }
}
