//! `greenroom client`: what is painful by generic calls alone: credentials that are made, written to files, and end.

use crate::failure::{Context as _, Failure, Result};
use crate::folder::Places;
use crate::reach::{Reach, Service, clock, read_credential};
use crate::{refusal, say};
use clap::{Args, Subcommand};
use greenroom_auth::{Algorithm, SigningKey};
use greenroom_domain::kernel::ClientId;
use greenroom_proto::identity::v1::client_service_client::ClientServiceClient;
use greenroom_proto::identity::v1::create_client_request::Credential as First;
use greenroom_proto::identity::v1::{
    Client as ClientMessage, ClientCredential, CreateClientRequest, ListClientsRequest,
    RotateClientSecretRequest,
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
  greenroom client rotate-secret acme-till --out acme-till.json
  greenroom clients ending --within 30d")]
pub struct Client {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Makes a key pair here, registers a client with its public half, and writes the client's credential file
    Create(Create),
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
    /// When the key ends, counted from now, such as 365d [default: it does not]
    #[arg(long, value_name = "TIME", value_parser = span)]
    ends_in: Option<Duration>,
    /// The credential file to write; only its owner can read it
    #[arg(long, value_name = "FILE")]
    key_out: PathBuf,
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
            Command::RotateSecret(rotate) => &rotate.reach,
            Command::Ending(ending) => &ending.reach,
        };
        let mut clients = Clients::new(reach.connect(places, Service::Identity)?);
        match &self.command {
            Command::Create(create) => create.run(&mut clients, &issuer(reach, places)?).await,
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
        let id = client_id(&self.id)?;
        if self.key_out.exists() {
            let file = self.key_out.display();
            return Err(Failure::new(format!(
                "`{file}` is there already; name another file with `--key-out`"
            )));
        }
        let failed = || "no key pair can be made".to_owned();
        let (key, document) = SigningKey::generate(Algorithm::EdDsa).context(failed)?;
        // Before the key counts: it must not be lost with an answer.
        written(credential::write_key(&self.key_out, &id, issuer, &document))?;
        let request = CreateClientRequest {
            client_id: self.id.clone(),
            client: Some(ClientMessage {
                organization: self.organization.clone(),
                display_name: self.display_name.clone(),
                scopes: self.scope.clone(),
                ..Default::default()
            }),
            credential: Some(First::PublicJwk(key.public().to_jwk_json())),
            credential_not_after_time: self.ends_in.map(|life| wire::timestamp(clock().now().plus(life))),
            request_id: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        if let Err(status) = clients.create_client(request).await {
            return Err(self.refused(&status));
        }
        say::out(&format!("clients/{} {}", self.id, self.key_out.display()))
    }

    fn refused(&self, status: &Status) -> Failure {
        let told = refusal::describe("CreateClient", status);
        let file = self.key_out.display();
        let unknown = [Code::Unavailable, Code::DeadlineExceeded, Code::Unknown, Code::Cancelled];
        if unknown.contains(&status.code()) {
            return Failure::new(format!(
                "{told}\n  whether the client was made is not known; if `greenroom call GetClient` shows it, its \
                 credential is `{file}`; if not, remove the file"
            ));
        }
        match std::fs::remove_file(&self.key_out) {
            Ok(()) => told,
            Err(error) => Failure::new(format!("{told}\n  `{file}` is of no use, and stays: {error}")),
        }
    }
}

impl RotateSecret {
    async fn run(&self, clients: &mut Clients, issuer: &str) -> Result<()> {
        let id = client_id(self.name.strip_prefix("clients/").unwrap_or(&self.name))?;
        not_of_another(&self.out, &id)?;
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
        let answer = clients.rotate_client_secret(request).await;
        let answer = refusal::answer("RotateClientSecret", answer).map_err(again)?;
        let secret = zeroize::Zeroizing::new(answer.client_secret);
        written(credential::write_secret(&self.out, &id, issuer, &secret)).map_err(again)?;
        say::out(&format!("{} {}", id.name(), self.out.display()))?;
        if self.show { say::out(&secret) } else { Ok(()) }
    }
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
