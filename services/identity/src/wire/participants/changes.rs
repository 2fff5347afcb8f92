//! What callers ask of clients.

use super::certificates::accepted;
use crate::error::Error;
use crate::scopes;
use greenroom_auth::{KeyPurpose, PublicKey};
use greenroom_domain::identity::{CertificateMatch, Organization, OrganizationRole, TokenBinding};
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Timestamp};
use greenroom_proto::identity::v1 as proto;
use greenroom_proto::identity::v1::add_client_key_request::Credential as AddedCredential;
use greenroom_proto::identity::v1::create_client_request::Credential;
use greenroom_rpc::fault::Fault;
use greenroom_rpc::mask::Mask;
use greenroom_rpc::violations::Violations;
use greenroom_rpc::wire;
use std::time::Duration;

/// The most scopes a client holds; a token carries no more.
pub const MAX_SCOPES: usize = 64;

/// How long secrets go on beside a new one, unless the caller says otherwise.
const OVERLAP: Duration = Duration::from_hours(24);

/// The longest that may be.
const LONGEST_OVERLAP: Duration = Duration::from_hours(30 * 24);

/// The longest id of a credential.
const LONGEST_KEY_ID: usize = 128;

/// What is wrong with an end that has passed.
pub const NOT_FUTURE: &str = "must lie in the future";

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
    /// The human who acts through it.
    pub person: Option<PersonId>,
    /// Whether its tokens count for everybody who holds one.
    pub token_binding: TokenBinding,
    /// How it will prove who it is.
    pub credential: NewCredential,
    /// From when on that proves nothing any more.
    pub not_after: Option<Timestamp>,
}

/// How a new client will prove who it is.
pub enum NewCredential {
    /// With something of its own.
    Key(NewKey),
    /// With a secret that the service makes.
    GeneratedSecret,
}

/// Something of the client's own.
pub enum NewKey {
    /// A key pair.
    Public(PublicKey),
    /// A certificate.
    Certificate(CertificateMatch),
}

/// What a caller asks to be changed.
pub struct ClientChange {
    /// Which one.
    pub id: ClientId,
    /// The etag the change was decided on; empty for any.
    pub etag: String,
    /// The new name, if it changes.
    pub display_name: Option<String>,
    /// The new scopes, each once and in order, if they change.
    pub scopes: Option<Vec<String>>,
    /// Who acts through it, if that changes.
    pub acting: Option<Acting>,
    /// The new binding, if it changes.
    pub token_binding: Option<TokenBinding>,
}

/// Who acts through a client.
#[derive(Clone)]
pub enum Acting {
    /// This human.
    Person(PersonId),
    /// Nobody: it is a machine's.
    Machine,
}

/// A credential to be added.
pub struct AddedKey {
    /// Whose.
    pub id: ClientId,
    /// The credential.
    pub key: NewKey,
    /// From when on it proves nothing any more.
    pub not_after: Option<Timestamp>,
}

/// A change of secrets.
pub struct Rotation {
    /// Whose.
    pub id: ClientId,
    /// How long the secrets so far go on; zero ends them now.
    pub overlap: Duration,
    /// From when on the new one proves nothing any more.
    pub not_after: Option<Timestamp>,
}

/// Reads a request for a new client. A key that could never be used is told by its own reason.
pub fn new_client(message: &proto::CreateClientRequest, now: Timestamp) -> Result<NewClient, Error> {
    let mut violations = Violations::new();
    let id = violations.take("client_id", ClientId::try_new(&message.client_id));
    let client = message.client.clone().unwrap_or_default();
    let organization = violations.take("client.organization", wire::name(&client.organization));
    let display_name = named(&client, &mut violations);
    let scopes = scopes_of(&client.scopes, &mut violations);
    let person = person_of(&client, &mut violations);
    let token_binding = binding_of(&client, &mut violations);
    violations.require(
        message.credential.is_some(),
        "public_jwk",
        "a public key, a certificate or a generated secret must be asked for",
    );
    let certificate = match &message.credential {
        Some(Credential::Certificate(given)) => accepted(given, &mut violations),
        Some(Credential::PublicJwk(_) | Credential::GeneratedSecret(_)) | None => None,
    };
    let generated = matches!(message.credential, Some(Credential::GeneratedSecret(_)));
    require_request_id(!generated || !message.request_id.is_empty(), &mut violations);
    let end = message.credential_not_after_time.as_ref();
    let not_after = end_of(end, "credential_not_after_time", now, &mut violations);
    let parsed = id.zip(organization).zip(display_name);
    let ((id, organization), display_name) = violations.finish(parsed)?;
    let credential = match (&message.credential, certificate) {
        (_, Some(certificate)) => NewCredential::Key(NewKey::Certificate(certificate)),
        (Some(Credential::PublicJwk(jwk)), None) => NewCredential::Key(public_key(jwk)?),
        (_, None) => NewCredential::GeneratedSecret,
    };
    Ok(NewClient { id, organization, display_name, scopes, person, token_binding, credential, not_after })
}

/// Reads a request to change a client.
pub fn client_change(message: &proto::UpdateClientRequest) -> Result<ClientChange, Error> {
    let mut violations = Violations::new();
    let client = message.client.clone().unwrap_or_default();
    let id = violations.take("client.name", wire::name(&client.name));
    let set = [
        ("display_name", !client.display_name.is_empty()),
        ("scopes", !client.scopes.is_empty()),
        ("person", !client.person.is_empty()),
        ("token_binding", client.token_binding != 0),
    ];
    let mask = Mask::read(message.update_mask.as_ref(), &set, &mut violations);
    let display_name = if mask.names("display_name") { named(&client, &mut violations) } else { None };
    let scopes = mask.names("scopes").then(|| scopes_of(&client.scopes, &mut violations));
    let acting = mask
        .names("person")
        .then(|| person_of(&client, &mut violations).map_or(Acting::Machine, Acting::Person));
    let token_binding = mask.names("token_binding").then(|| binding_of(&client, &mut violations));
    let etag = client.etag;
    let change = id.map(|id| ClientChange { id, etag, display_name, scopes, acting, token_binding });
    Ok(violations.finish(change)?)
}

/// Reads a request for another key or certificate.
pub fn added_key(message: &proto::AddClientKeyRequest, now: Timestamp) -> Result<AddedKey, Error> {
    let mut violations = Violations::new();
    let id = violations.take("name", wire::name(&message.name));
    let certificate = match &message.credential {
        Some(AddedCredential::Certificate(given)) => accepted(given, &mut violations),
        Some(AddedCredential::PublicJwk(_)) => None,
        None => {
            violations.add("public_jwk", "a public key or a certificate must be given");
            None
        }
    };
    let not_after = end_of(message.not_after_time.as_ref(), "not_after_time", now, &mut violations);
    let id = violations.finish(id)?;
    let key = match (certificate, &message.credential) {
        (Some(certificate), _) => NewKey::Certificate(certificate),
        (None, Some(AddedCredential::PublicJwk(jwk))) => public_key(jwk)?,
        (None, _) => public_key("")?,
    };
    Ok(AddedKey { id, key, not_after })
}

/// Reads which credential is to be taken from which client.
pub fn revoked_key(message: &proto::RevokeClientKeyRequest) -> Result<(ClientId, String), Error> {
    let mut violations = Violations::new();
    let id = violations.take("name", wire::name(&message.name));
    let key_id = violations.take("key_id", wire::text(&message.key_id, 1..=LONGEST_KEY_ID));
    Ok(violations.finish(id.zip(key_id.map(str::to_owned)))?)
}

/// Reads which clients are asked for.
pub fn client_filter(
    message: &proto::ListClientsRequest,
) -> Result<(Option<OrganizationId>, Option<Timestamp>), Error> {
    let mut violations = Violations::new();
    let organization = match message.organization.as_str() {
        "" => None,
        name => violations.take("organization", wire::name(name)),
    };
    let end = message.credential_ends_before_time.as_ref();
    let end = end.and_then(|end| violations.take("credential_ends_before_time", wire::instant(end)));
    Ok(violations.finish(Some((organization, end)))?)
}

/// Reads a request for a new secret.
pub fn rotation(message: &proto::RotateClientSecretRequest, now: Timestamp) -> Result<Rotation, Error> {
    let mut violations = Violations::new();
    let id = violations.take("name", wire::name(&message.name));
    let overlap = match &message.overlap {
        None => Some(OVERLAP),
        Some(given) => violations.take("overlap", wire::length(given)),
    };
    let fits = overlap.is_none_or(|overlap| overlap <= LONGEST_OVERLAP);
    violations.require(fits, "overlap", "must be at most 30 days");
    require_request_id(!message.request_id.is_empty(), &mut violations);
    let not_after = end_of(message.not_after_time.as_ref(), "not_after_time", now, &mut violations);
    let read = id.zip(overlap).map(|(id, overlap)| Rotation { id, overlap, not_after });
    Ok(violations.finish(read)?)
}

fn public_key(jwk: &str) -> Result<NewKey, Error> {
    PublicKey::from_jwk(jwk, KeyPurpose::ClientAssertion).map(NewKey::Public).map_err(Error::KeyUnusable)
}

fn named(client: &proto::Client, violations: &mut Violations) -> Option<String> {
    let named = wire::text(&client.display_name, 1..=120);
    violations.take("client.display_name", named).map(str::to_owned)
}

fn person_of(client: &proto::Client, violations: &mut Violations) -> Option<PersonId> {
    if client.person.is_empty() { None } else { violations.take("client.person", wire::name(&client.person)) }
}

fn binding_of(client: &proto::Client, violations: &mut Violations) -> TokenBinding {
    match proto::TokenBinding::try_from(client.token_binding) {
        Ok(proto::TokenBinding::Unspecified | proto::TokenBinding::None) => TokenBinding::None,
        Ok(proto::TokenBinding::ClientCertificate) => TokenBinding::ClientCertificate,
        Err(_) => {
            violations.add("client.token_binding", "is not a value this service knows");
            TokenBinding::None
        }
    }
}

fn require_request_id(given: bool, violations: &mut Violations) {
    let said =
        "must be set where a secret is generated: without it the secret would be lost with a lost answer";
    violations.require(given, "request_id", said);
}

/// The end of a credential. That it has passed is told here only beside what is wrong otherwise: a request that was
/// answered is answered again however late it is repeated, so who decides has to refuse it.
fn end_of(
    given: Option<&prost_types::Timestamp>,
    field: &str,
    now: Timestamp,
    violations: &mut Violations,
) -> Option<Timestamp> {
    let end = violations.take(field, wire::instant(given?))?;
    violations.require(end > now || violations.is_empty(), field, NOT_FUTURE);
    Some(end)
}

/// What is wrong with a scope that nobody knows: as it was written, and what may have been meant.
fn unknown_scope(written: &str) -> String {
    let plain = |letter: &char| !letter.is_control();
    let shown: String = written.chars().filter(plain).take(scopes::MAX_LENGTH).collect();
    match scopes::nearest(written).as_slice() {
        [] => {
            format!("`{shown}` is not a scope of this suite; the metadata of the token endpoint lists them")
        }
        near => format!("`{shown}` is not a scope of this suite; is `{}` meant?", near.join("` or `")),
    }
}

/// Tells of the scopes that none of an organization's roles can use.
pub fn ensure_usable(scopes: &[String], organization: &Organization) -> Result<(), Fault> {
    let mut violations = Violations::new();
    let codes = |roles: &[OrganizationRole]| roles.iter().map(|role| role.code()).collect::<Vec<_>>();
    for scope in scopes {
        let needed = scopes::roles_of(scope);
        if !needed.iter().any(|role| organization.roles.contains(role)) {
            let (needed, name) = (codes(needed).join(" or "), organization.id.name());
            let own = codes(&organization.roles).join(", ");
            let said = format!("`{scope}` serves organizations with role {needed} alone; `{name}` is {own}");
            violations.add("client.scopes", said);
        }
    }
    violations.finish(Some(()))
}

fn scopes_of(given: &[String], violations: &mut Violations) -> Vec<String> {
    violations.require((1..=MAX_SCOPES).contains(&given.len()), "client.scopes", "must name 1 to 64 scopes");
    for (index, scope) in given.iter().enumerate().take(MAX_SCOPES) {
        if !scopes::is_known(scope) {
            violations.add(format!("client.scopes[{index}]"), unknown_scope(scope));
        }
    }
    let mut scopes = given.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}
