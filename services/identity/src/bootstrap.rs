//! The first start: the organization that operates the suite, its clients, and the first signing key.

use crate::app::Database;
use crate::config::Config;
use crate::error::Error;
use crate::files::make_once;
use crate::scopes;
use crate::signing::make_key;
use crate::vault::Vault;
use crate::wire;
use greenroom_auth::{Algorithm, PublicKey, SigningFault, SigningKey};
use greenroom_domain::identity::port::Change;
use greenroom_domain::identity::{
    Client, ClientCredential, ClientState, CredentialCheck, ExpiryNotice, Organization, OrganizationRole,
    OrganizationState, TokenBinding,
};
use greenroom_domain::kernel::{ClientId, IdFault, OrganizationId, Timestamp, Version};
use greenroom_domain::ledger::{StoreError, Write};
use greenroom_rpc::client::Credential;
use greenroom_rpc::credential::{self, CredentialError};
use std::path::{Path, PathBuf};

/// The organization that operates the suite.
const SUITE: &str = "suite";

/// What only the suite's own services may do: connect the names different organizations have for one person.
const SERVICES_ONLY: [&str; 2] = ["persons.match", "persons.resolve"];

/// The clients of the suite: id, display name, scopes. `None` stands for all that a person at a keyboard needs.
const CLIENTS: [(&str, &str, Option<&[&str]>); 3] = [
    ("suite-operator", "Operator of the suite", None),
    (
        "certification",
        "Certification service",
        Some(&["feed.read", "persons.match", "persons.read", "persons.resolve"]),
    ),
    (
        "registry",
        "Registry",
        Some(&[
            "certificates.read",
            "certificates.verify",
            "feed.read",
            "persons.match",
            "persons.read",
            "persons.resolve",
        ]),
    ),
];

/// Why the first start failed.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The folder for the credentials cannot be made.
    #[error("cannot make the folder `{}`: {cause}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A file cannot be put in its place.
    #[error("cannot make a credential file: {0}")]
    File(#[from] std::io::Error),
    /// A credential file cannot be read or written.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// A file of a client of the suite holds somebody else's credential.
    #[error("`{}` is not a private key of the client `{client}`; move the file away and start again", path.display())]
    ForeignCredential {
        /// The file.
        path: PathBuf,
        /// The client it should be of.
        client: &'static str,
    },
    /// No key could be made.
    #[error(transparent)]
    Key(#[from] SigningFault),
    /// Not reached: the ids above are well-formed.
    #[error(transparent)]
    Id(#[from] IdFault),
    /// The store or the vault failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<StoreError> for BootstrapError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Makes what is missing. Does nothing on a database that has it.
///
/// The credential files come first: after a crash between them and the commit the next start finds the files and
/// registers the keys in them.
pub async fn bootstrap<S: Database>(
    store: &S,
    vault: &Vault,
    config: &Config,
    now: Timestamp,
) -> Result<(), BootstrapError> {
    let (credentials_dir, issuer) = (config.credentials_dir.as_path(), config.issuer.as_str());
    let suite = OrganizationId::try_new(SUITE)?;
    if store.organization(&suite).await?.is_some() {
        return Ok(());
    }
    std::fs::create_dir_all(credentials_dir)
        .map_err(|cause| BootstrapError::Folder { path: credentials_dir.to_owned(), cause })?;
    let organization = operator(suite.clone(), now);
    let mut events = vec![wire::organization_event(&organization)];
    let mut changes = vec![Change::AddOrganization(organization)];
    let mut keys = Vec::with_capacity(CLIENTS.len());
    for (id, display_name, scopes) in CLIENTS {
        let key = registered_key(credentials_dir, id, issuer)?;
        keys.push((id, key.to_jwk_json()));
        let client = client(id, &suite, display_name, scopes, &key, now)?;
        events.push(wire::client_event(&client));
        changes.push(Change::AddClient(client));
    }
    let signing_key = make_key(vault, config.signing_rules().algorithm, now)?;
    events.push(wire::signing_key_event(&signing_key));
    changes.push(Change::AddSigningKey(signing_key));
    match store.commit(changes, Write::by_service("bootstrap", events, now)).await {
        Ok(_) => {
            tracing::info!(folder = %credentials_dir.display(), "made the suite's own clients");
            Ok(())
        }
        // Another replica was first.
        Err(StoreError::Taken(_)) => warn_of_strays(store, credentials_dir, &keys).await,
        Err(error) => Err(error.into()),
    }
}

/// Names the credential files of this folder whose keys the replica that was first did not register: it keeps its
/// credentials in another folder, and these will never be accepted.
async fn warn_of_strays<S: Database>(
    store: &S,
    folder: &Path,
    keys: &[(&'static str, String)],
) -> Result<(), BootstrapError> {
    for (id, jwk) in keys {
        let client = store.client(&ClientId::try_new(id)?).await?;
        let check = CredentialCheck::PublicKey(jwk.clone());
        let registered = client.iter().flat_map(|client| &client.credentials).any(|own| own.check == check);
        if !registered {
            let file = folder.join(format!("{id}.json"));
            tracing::warn!(
                file = %file.display(),
                "another replica made the suite's clients first, with other keys: this credential file was never \
                 registered and will not be accepted; remove it and use the other replica's"
            );
        }
    }
    Ok(())
}

fn operator(id: OrganizationId, now: Timestamp) -> Organization {
    Organization {
        id,
        display_name: "Operator of the suite".to_owned(),
        roles: vec![OrganizationRole::SuiteOperator],
        state: OrganizationState::Active,
        suspension_reason: String::new(),
        tokens_valid_from: None,
        create_time: now,
        update_time: now,
        version: Version::FIRST,
    }
}

/// The public half of the key in the client's credential file, which is made if it is missing.
fn registered_key(folder: &Path, client: &'static str, issuer: &str) -> Result<PublicKey, BootstrapError> {
    let path = folder.join(format!("{client}.json"));
    let id = ClientId::try_new(client)?;
    if !path.exists() {
        let (_, document) = SigningKey::generate(Algorithm::EdDsa)?;
        make_once(&path, |aside| {
            Ok::<_, BootstrapError>(credential::write_key(aside, &id, issuer, &document)?)
        })?;
    }
    // Read back even if just made: another replica may have been first.
    match credential::read(&path)? {
        Credential::Key { client: owner, key, .. } if owner == id => Ok(key.public().clone()),
        _ => Err(BootstrapError::ForeignCredential { path, client }),
    }
}

fn client(
    id: &str,
    organization: &OrganizationId,
    display_name: &str,
    scopes: Option<&[&str]>,
    key: &PublicKey,
    now: Timestamp,
) -> Result<Client, BootstrapError> {
    let scopes: Vec<String> = match scopes {
        Some(scopes) => scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        None => operator_scopes(),
    };
    Ok(Client {
        id: ClientId::try_new(id)?,
        organization: organization.clone(),
        display_name: display_name.to_owned(),
        scopes,
        person: None,
        token_binding: TokenBinding::None,
        state: ClientState::Active,
        tokens_valid_from: None,
        credentials: vec![ClientCredential {
            key_id: key.id().as_str().to_owned(),
            check: CredentialCheck::PublicKey(key.to_jwk_json()),
            create_time: now,
            not_after: None,
            notice: ExpiryNotice::None,
        }],
        create_time: now,
        update_time: now,
        version: Version::FIRST,
    })
}

fn operator_scopes() -> Vec<String> {
    let all = scopes::scope_catalogue().iter().map(|(scope, _)| *scope);
    all.filter(|scope| !SERVICES_ONLY.contains(scope)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_of_the_suite_hold_known_scopes() {
        for scope in CLIENTS.iter().filter_map(|(_, _, scopes)| *scopes).flatten() {
            assert!(scopes::is_known(scope), "{scope}");
        }
    }
}
