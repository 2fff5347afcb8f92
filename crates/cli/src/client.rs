//! `greenroom client`: what is painful by generic calls alone: credentials that are made, written to files, and end.

use crate::failure::{Context as _, Failure, Result};
use crate::folder::Places;
use crate::reach::{Reach, Service, clock, read_credential};
use crate::{refusal, say};
use clap::{Args, Subcommand};
use greenroom_auth::{Algorithm, SigningKey};
use greenroom_domain::kernel::ClientId;
use greenroom_proto::identity::v1::add_client_key_request::Credential as Added;
use greenroom_proto::identity::v1::client_service_client::ClientServiceClient;
use greenroom_proto::identity::v1::create_client_request::Credential as First;
use greenroom_proto::identity::v1::{
    AddClientKeyRequest, Client as ClientMessage, ClientCredential, ClientCredentialType,
    CreateClientRequest, GeneratedSecret, GetClientRequest, ListClientsRequest, RotateClientSecretRequest,
};
use greenroom_rpc::client::{Authenticated, Credential};
use greenroom_rpc::{credential, wire};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tonic::{Code, Status};
use uuid::Uuid;

/// Arguments of `greenroom client`.
#[derive(Args, Debug)]
#[command(after_help = "Everything else about clients: `greenroom call ClientService.…`.

Examples:
  greenroom client create acme-backend --organization organizations/acme --display-name 'Acme backend' \\
      --scope permissions.check --scope streamers.read --key-out acme-backend.json
  greenroom client rotate-key acme-backend --key-out acme-backend-2.json --ends-in 365d
  greenroom client rotate-secret acme-till --out acme-till.json
  greenroom clients ending --within 30d")]
pub struct Client {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Makes a client with a key pair made here, or with a secret made there, and writes its credential file
    Create(Create),
    /// Makes another key pair here, adds its public half to a client, and writes a credential file
    RotateKey(RotateKey),
    /// Has a new secret made for a client, and writes its credential file
    RotateSecret(RotateSecret),
    /// Shows the credentials that end soon, or have ended
    Ending(Ending),
}

#[derive(Args, Debug)]
struct Ending {
    /// How soon, such as 12h or 30d
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = span)]
    within: Duration,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Args, Debug)]
struct Create {
    /// The client's id
    #[arg(value_name = "ID")]
    id: String,
    /// The organization it acts for, such as organizations/acme
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// The name people know it by
    #[arg(long, value_name = "TEXT")]
    display_name: String,
    /// What its tokens may carry; may be repeated
    #[arg(long, value_name = "SCOPE", required = true)]
    scope: Vec<String>,
    /// The human who acts through it, such as persons/…: the organization's own name for the person
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// When the key or secret ends, counted from now, such as 365d [default: it does not]
    #[arg(long, value_name = "TIME", value_parser = span)]
    ends_in: Option<Duration>,
    #[command(flatten)]
    file: NewFile,
    #[command(flatten)]
    reach: Reach,
}

/// Where a new client's credential goes, which says what it is.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct NewFile {
    /// The credential file to write, with a private key nobody else has; only its owner can read it
    #[arg(long, value_name = "FILE")]
    key_out: Option<PathBuf>,
    /// The credential file to write, with a secret the service makes; only its owner can read it
    #[arg(long, value_name = "FILE")]
    secret_out: Option<PathBuf>,
}

#[derive(Args, Debug)]
struct RotateKey {
    /// The client, such as acme-backend or clients/acme-backend
    #[arg(value_name = "NAME")]
    name: String,
    /// The credential file to write; only its owner can read it
    #[arg(long, value_name = "FILE")]
    key_out: PathBuf,
    /// When the new key ends, counted from now, such as 365d [default: it does not]
    #[arg(long, value_name = "TIME", value_parser = span)]
    ends_in: Option<Duration>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Args, Debug)]
struct RotateSecret {
    /// The client, such as acme-backend or clients/acme-backend
    #[arg(value_name = "NAME")]
    name: String,
    /// The credential file to write; only its owner can read it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// How long the secrets it has go on, such as 12h; 0s ends them now [default: one day]
    #[arg(long, value_name = "TIME", value_parser = span)]
    overlap: Option<Duration>,
    /// Gives a secret to a client that has none, too: whoever learns it needs no key any more
    #[arg(long)]
    first: bool,
    /// Prints the secret as well
    #[arg(long)]
    show: bool,
    /// The id of a request made before: gives the secret it made
    #[arg(long, value_name = "UUID")]
    request_id: Option<Uuid>,
    #[command(flatten)]
    reach: Reach,
}

type Clients = ClientServiceClient<Authenticated>;

impl Client {
    /// Does what is asked.
    pub async fn run(&self, places: &Places) -> Result<()> {
        let reach = match &self.command {
            Command::Create(create) => &create.reach,
            Command::RotateKey(rotate) => &rotate.reach,
            Command::RotateSecret(rotate) => &rotate.reach,
            Command::Ending(ending) => &ending.reach,
        };
        let mut clients = Clients::new(reach.connect(places, Service::Identity)?);
        match &self.command {
            Command::Create(create) => create.run(&mut clients, &issuer(reach, places)?).await,
            Command::RotateKey(rotate) => rotate.run(&mut clients, &issuer(reach, places)?).await,
            Command::RotateSecret(rotate) => rotate.run(&mut clients, &issuer(reach, places)?).await,
            Command::Ending(ending) => show_ending(&mut clients, ending.within).await,
        }
    }
}

/// The issuer as the caller's own credential spells it; otherwise the address.
fn issuer(reach: &Reach, places: &Places) -> Result<String> {
    match read_credential(&reach.credential_file(places))? {
        Credential::Key { issuer, .. } => Ok(issuer),
        Credential::Secret { .. } | Credential::Certificate { .. } => Ok(reach.identity_url(places)),
    }
}

impl Create {
    async fn run(&self, clients: &mut Clients, issuer: &str) -> Result<()> {
        match (&self.file.key_out, &self.file.secret_out) {
            (Some(file), _) => self.with_key(clients, issuer, file).await,
            (None, Some(file)) => self.with_secret(clients, issuer, file).await,
            (None, None) => Err(Failure::new("name the credential file: `--key-out` or `--secret-out`")),
        }
    }

    async fn with_key(&self, clients: &mut Clients, issuer: &str, file: &Path) -> Result<()> {
        let key = new_key(file, &client_id(&self.id)?, issuer)?;
        let made = clients.create_client(self.request(First::PublicJwk(key))).await;
        made.map_err(|status| key_refused("CreateClient", file, &status))?;
        say::out(&format!("clients/{} {}", self.id, file.display()))
    }

    async fn with_secret(&self, clients: &mut Clients, issuer: &str, file: &Path) -> Result<()> {
        let id = client_id(&self.id)?;
        ensure_new(file)?;
        let request = self.request(First::GeneratedSecret(GeneratedSecret {}));
        let made = refusal::answer("CreateClient", clients.create_client(request).await)?;
        let secret = zeroize::Zeroizing::new(made.client_secret);
        let lost = |failure: Failure| {
            let next = format!("greenroom client rotate-secret {id} --overlap 0s --out FILE");
            Failure::new(format!("{failure}\n  the client is made; to give it another secret: `{next}`"))
        };
        written(credential::write_secret(file, &id, issuer, &secret)).map_err(lost)?;
        say::out(&format!("clients/{} {}", self.id, file.display()))
    }

    fn request(&self, credential: First) -> CreateClientRequest {
        CreateClientRequest {
            client_id: self.id.clone(),
            client: Some(ClientMessage {
                organization: self.organization.clone(),
                display_name: self.display_name.clone(),
                scopes: self.scope.clone(),
                person: self.person.clone().unwrap_or_default(),
                ..Default::default()
            }),
            credential: Some(credential),
            credential_not_after_time: ends(self.ends_in),
            request_id: Uuid::new_v4().to_string(),
            ..Default::default()
        }
    }
}

impl RotateKey {
    async fn run(&self, clients: &mut Clients, issuer: &str) -> Result<()> {
        let id = client_id(self.name.strip_prefix("clients/").unwrap_or(&self.name))?;
        let key = new_key(&self.key_out, &id, issuer)?;
        let request = AddClientKeyRequest {
            name: id.name(),
            credential: Some(Added::PublicJwk(key)),
            not_after_time: ends(self.ends_in),
            request_id: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        let added = clients.add_client_key(request).await;
        added.map_err(|status| key_refused("AddClientKey", &self.key_out, &status))?;
        say::out(&format!("{} {}", id.name(), self.key_out.display()))?;
        say::note(
            "the keys it had go on; once nobody uses one any more, `greenroom call RevokeClientKey` ends it",
        );
        Ok(())
    }
}

/// Makes a key pair and writes the private half: before the key counts, it must not be lost with an answer. Gives the
/// public half as JWK.
fn new_key(file: &Path, id: &ClientId, issuer: &str) -> Result<String> {
    ensure_new(file)?;
    let failed = || "no key pair can be made".to_owned();
    let (key, document) = SigningKey::generate(Algorithm::EdDsa).context(failed)?;
    written(credential::write_key(file, id, issuer, &document))?;
    Ok(key.public().to_jwk_json())
}

fn ensure_new(file: &Path) -> Result<()> {
    if file.exists() {
        let file = file.display();
        return Err(Failure::new(format!("`{file}` is there already; name another file")));
    }
    Ok(())
}

fn ends(after: Option<Duration>) -> Option<prost_types::Timestamp> {
    after.map(|life| wire::timestamp(clock().now().plus(life)))
}

/// Whether nobody knows what came of a call.
fn is_unknown(status: &Status) -> bool {
    [Code::Unavailable, Code::DeadlineExceeded, Code::Unknown, Code::Cancelled].contains(&status.code())
}

/// The private key of a call that was refused is of no use, and goes; where the outcome is not known it stays.
fn key_refused(doing: &str, file: &Path, status: &Status) -> Failure {
    let told = refusal::describe(doing, status);
    let shown = file.display();
    if is_unknown(status) {
        return Failure::new(format!(
            "{told}\n  whether that was done is not known; if `greenroom call GetClient` shows it, the credential is \
             `{shown}`; if not, remove the file"
        ));
    }
    match std::fs::remove_file(file) {
        Ok(()) => told,
        Err(error) => Failure::new(format!("{told}\n  `{shown}` is of no use, and stays: {error}")),
    }
}

impl RotateSecret {
    async fn run(&self, clients: &mut Clients, issuer: &str) -> Result<()> {
        let id = client_id(self.name.strip_prefix("clients/").unwrap_or(&self.name))?;
        not_of_another(&self.out, &id)?;
        if !self.first {
            ensure_secret(clients, &id).await?;
        }
        let request_id = self.request_id.unwrap_or_else(Uuid::new_v4).to_string();
        let overlap = self.overlap.map(prost_types::Duration::try_from).transpose();
        let request = RotateClientSecretRequest {
            name: id.name(),
            overlap: overlap.context(|| "`--overlap` is too long".to_owned())?,
            request_id: request_id.clone(),
            ..Default::default()
        };
        let again = |failure: Failure| {
            Failure::new(format!("{failure}\n  to be given the same secret: `--request-id {request_id}`"))
        };
        let answer = clients.rotate_client_secret(request).await.map_err(|status| {
            let told = refusal::describe("RotateClientSecret", &status);
            if is_unknown(&status) { again(told) } else { told }
        })?;
        let secret = zeroize::Zeroizing::new(answer.into_inner().client_secret);
        written(credential::write_secret(&self.out, &id, issuer, &secret)).map_err(again)?;
        say::out(&format!("{} {}", id.name(), self.out.display()))?;
        if self.show { say::out(&secret) } else { Ok(()) }
    }
}

/// A client that proves itself by a key is not weakened by a slip. Who may not look is not asked to.
async fn ensure_secret(clients: &mut Clients, id: &ClientId) -> Result<()> {
    let answer = clients.get_client(GetClientRequest { name: id.name() }).await;
    if answer.as_ref().is_err_and(|status| status.code() == Code::PermissionDenied) {
        return Ok(());
    }
    let client = refusal::answer("GetClient", answer)?.client.unwrap_or_default();
    if client.credentials.iter().any(|it| it.r#type() == ClientCredentialType::Secret) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "`{id}` has no secret to rotate: `greenroom client rotate-key` gives it another key, `--first` gives it a secret \
         all the same"
    )))
}

/// A slip of the name must not cost another client its credential, nor this one its private key, nor a file that is none.
fn not_of_another(file: &Path, id: &ClientId) -> Result<()> {
    if !file.exists() {
        return Ok(());
    }
    let known = read_credential(file)?;
    let client = known.client();
    if client == id {
        return match &known {
            Credential::Secret { .. } | Credential::Certificate { .. } => Ok(()),
            Credential::Key { .. } => Err(Failure::new(format!(
                "`{}` holds the private key of `{client}`; name another file with `--out`",
                file.display()
            ))),
        };
    }
    Err(Failure::new(format!("`{}` is the credential of another client, `{client}`", file.display())))
}

async fn show_ending(clients: &mut Clients, within: Duration) -> Result<()> {
    let until = clock().now().plus(within);
    let mut table = say::table(&["client", "organization", "credential", "kind", "ends"]);
    let mut page_token = String::new();
    loop {
        let request = ListClientsRequest {
            page_size: 1000,
            page_token,
            credential_ends_before_time: Some(wire::timestamp(until)),
            ..Default::default()
        };
        let page = refusal::answer("ListClients", clients.list_clients(request).await)?;
        for client in &page.clients {
            for credential in &client.credentials {
                let ends = credential.not_after_time.as_ref().and_then(|time| wire::instant(time).ok());
                let Some(ends) = ends.filter(|ends| *ends < until) else { continue };
                let told = if ends <= clock().now() { format!("{ends} (over)") } else { ends.to_string() };
                table.add_row([
                    &client.name,
                    &client.organization,
                    &credential.key_id,
                    kind(credential),
                    &told,
                ]);
            }
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if table.is_empty() {
        say::note("no credential ends so soon");
        return Ok(());
    }
    say::out(&table.to_string())
}

fn kind(credential: &ClientCredential) -> &'static str {
    credential.r#type().as_str_name().trim_start_matches("CLIENT_CREDENTIAL_TYPE_")
}

fn client_id(text: &str) -> Result<ClientId> {
    ClientId::try_new(text).context(|| format!("`{text}` is no client id"))
}

fn written(result: std::result::Result<(), credential::CredentialError>) -> Result<()> {
    result.map_err(|error| Failure::new(error.to_string()))
}

/// A span of time as people write it: a number with `s`, `m`, `h` or `d`.
fn span(text: &str) -> std::result::Result<Duration, String> {
    let wrong = || "a number with s, m, h or d, such as 12h or 30d".to_owned();
    let (unit, number) =
        text.char_indices().last().map(|(at, unit)| (unit, text.get(..at))).ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = number.and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_of_time_is_read_as_people_write_it() {
        for (text, seconds) in [("30d", 2_592_000), ("12h", 43_200), ("5m", 300), ("0s", 0)] {
            assert_eq!(span(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in
            ["", "d", "30", "30 d", "-1d", "天", "1天", "99999999999999999999d", "999999999999999999d"]
        {
            assert!(span(text).is_err(), "{text}");
        }
    }
}
