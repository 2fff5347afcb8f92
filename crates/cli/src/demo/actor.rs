//! Who acts in the demo: organizations with one client each, made through the public methods and found again later.

use crate::failure::{Context as _, Failure, Result};
use crate::folder::Places;
use crate::reach::{Service, channel, clock, read_credential};
use crate::refusal::{self, answer};
use greenroom_auth::{Algorithm, SigningKey};
use greenroom_domain::kernel::ClientId;
use greenroom_proto::identity::v1::client_service_client::ClientServiceClient;
use greenroom_proto::identity::v1::create_client_request::Credential as NewCredential;
use greenroom_proto::identity::v1::organization_service_client::OrganizationServiceClient;
use greenroom_proto::identity::v1::{
    Client, CreateClientRequest, CreateOrganizationRequest, GetClientRequest, GetOrganizationRequest,
    Organization, OrganizationRole,
};
use greenroom_rpc::client::{Authenticated, Credential, Tokens};
use greenroom_rpc::credential;
use std::path::Path;
use std::sync::Arc;
use tonic::Code;
use uuid::Uuid;

/// An organization of the demo, with the id its client has too.
pub struct Part {
    /// The id of the organization and of its client.
    pub id: &'static str,
    /// Its name for people.
    pub display_name: &'static str,
    /// What it acts as.
    pub role: OrganizationRole,
    /// What its client may do.
    pub scopes: &'static [&'static str],
}

/// The platform, which asks.
pub const PLATFORM: Part = Part {
    id: "demo-platform",
    display_name: "Demo Platform 演示平台",
    role: OrganizationRole::Platform,
    scopes: &[
        "certificates.verify",
        "grants.read",
        "grants.write",
        "live_sessions.read",
        "live_sessions.write",
        "permissions.check",
        "persons.proof",
        "persons.read",
        "persons.write",
        "policies.read",
        "policies.write",
        "streamers.read",
        "streamers.write",
    ],
};

/// The evaluation organisation, which issues and revokes.
pub const ACADEMY: Part = Part {
    id: "demo-academy",
    display_name: "Demo Academy 演示评价机构",
    role: OrganizationRole::Issuer,
    scopes: &[
        "certificates.evidence",
        "certificates.read",
        "certificates.revoke",
        "rolls.read",
        "rolls.write",
    ],
};

/// A platform that is suspended for a moment, to see how fast the news travels.
pub const VISITOR: Part = Part {
    id: "demo-visitor",
    display_name: "Demo Visitor 演示访客平台",
    role: OrganizationRole::Platform,
    scopes: &["streamers.read"],
};

/// One client with a connection to each service.
pub struct Actor {
    /// To the identity service.
    pub identity: Authenticated,
    /// To the certification service.
    pub certification: Authenticated,
    /// To the registry.
    pub registry: Authenticated,
    /// Its tokens for the registry.
    pub registry_tokens: Tokens,
}

impl Actor {
    /// The client whose credential is in `file`, on the suite whose first port is `base`.
    pub fn new(file: &Path, base: u16) -> Result<Self> {
        let credential = Arc::new(read_credential(file)?);
        let identity = channel(&Service::Identity.local_url(base))?;
        let tokens = |service: Service| {
            Tokens::new(identity.clone(), Arc::clone(&credential), service.audience(), clock())
        };
        let connect = |service: Service, tokens: Tokens| {
            channel(&service.local_url(base)).map(|channel| Authenticated::new(channel, tokens))
        };
        let registry_tokens = tokens(Service::Registry);
        Ok(Self {
            identity: connect(Service::Identity, tokens(Service::Identity))?,
            certification: connect(Service::Certification, tokens(Service::Certification))?,
            registry: connect(Service::Registry, registry_tokens.clone())?,
            registry_tokens,
        })
    }
}

/// Finds or makes the organization and the client of a part, and takes it.
pub async fn take_part(operator: &Actor, part: &Part, places: &Places, base: u16) -> Result<Actor> {
    organization(operator, part).await?;
    let file = places.credential(part.id);
    let new = !file.exists();
    if new {
        make_credential(&file, part, &Service::Identity.local_url(base))?;
    }
    let mut clients = ClientServiceClient::new(operator.identity.clone());
    let asked = clients.get_client(GetClientRequest { name: format!("clients/{}", part.id) }).await;
    match asked {
        Ok(_) if new => {
            // The key just made opens nothing.
            drop(std::fs::remove_file(&file));
            return Err(Failure::new(format!(
                "client `{}` exists but its credential file `{}` is gone; bring the file back, or move `{}` away to begin \
                 anew",
                part.id,
                file.display(),
                places.folder().display()
            )));
        }
        Err(status) if status.code() == Code::NotFound => register(&mut clients, part, &file).await?,
        asked => drop(answer("GetClient", asked)?),
    }
    Actor::new(&file, base)
}

async fn organization(operator: &Actor, part: &Part) -> Result<()> {
    let mut organizations = OrganizationServiceClient::new(operator.identity.clone());
    let name = format!("organizations/{}", part.id);
    match organizations.get_organization(GetOrganizationRequest { name }).await {
        Err(status) if status.code() == Code::NotFound => {}
        asked => return answer("GetOrganization", asked).map(drop),
    }
    let request = CreateOrganizationRequest {
        organization_id: part.id.to_owned(),
        organization: Some(Organization {
            display_name: part.display_name.to_owned(),
            roles: vec![part.role.into()],
            ..Organization::default()
        }),
        request_id: Uuid::new_v4().to_string(),
        validate_only: false,
    };
    answer("CreateOrganization", organizations.create_organization(request).await).map(drop)
}

fn make_credential(file: &Path, part: &Part, issuer: &str) -> Result<()> {
    let client = ClientId::try_new(part.id).context(|| format!("`{}` is no client id", part.id))?;
    let (_, document) =
        SigningKey::generate(Algorithm::EdDsa).context(|| "cannot make a key for the demo".to_owned())?;
    credential::write_key(file, &client, issuer, &document).map_err(|error| Failure::new(error.to_string()))
}

async fn register(clients: &mut ClientServiceClient<Authenticated>, part: &Part, file: &Path) -> Result<()> {
    let Credential::Key { key, .. } = read_credential(file)? else {
        return Err(Failure::new(format!("`{}` holds no key; remove it", file.display())));
    };
    let request = CreateClientRequest {
        client_id: part.id.to_owned(),
        client: Some(Client {
            organization: format!("organizations/{}", part.id),
            display_name: part.display_name.to_owned(),
            scopes: part.scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            ..Client::default()
        }),
        request_id: Uuid::new_v4().to_string(),
        credential: Some(NewCredential::PublicJwk(key.public().to_jwk_json())),
        ..CreateClientRequest::default()
    };
    let answered = clients.create_client(request).await;
    answered.map(drop).map_err(|status| refusal::describe("CreateClient", &status))
}
