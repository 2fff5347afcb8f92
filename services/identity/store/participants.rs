//! Organizations, clients, and what refuses their tokens.

use super::rows::{Connection, added, all, code, digest, id, one, optional_id, saved, text};
use crate::engine::{Db, failure};
use greenroom_domain::identity::port::{AssertionUse, Due, PassedOver, RevokedToken};
use greenroom_domain::identity::{
    CertificateMatch, CertificateName, Client, ClientCredential, ClientState, CredentialCheck, ExpiryNotice,
    NO_TOKEN, Organization, OrganizationRole, OrganizationState, TokenBinding,
};
use greenroom_domain::kernel::{ClientId, OrganizationId, Timestamp, Version};
use greenroom_domain::ledger::StoreError;
use sqlx::{Pool, query_file, query_file_as};

struct OrganizationRow {
    id: String,
    display_name: String,
    roles: String,
    state: String,
    suspension_reason: String,
    tokens_valid_from_us: Option<i64>,
    create_time_us: i64,
    update_time_us: i64,
    version: i64,
}

impl TryFrom<OrganizationRow> for Organization {
    type Error = StoreError;

    fn try_from(row: OrganizationRow) -> Result<Self, StoreError> {
        let roles = row.roles.split(' ').map(|role| code(OrganizationRole::from_code(role), "role"));
        Ok(Self {
            roles: roles.collect::<Result<_, _>>()?,
            id: id(&row.id)?,
            display_name: row.display_name,
            state: code(OrganizationState::from_code(&row.state), "organization state")?,
            suspension_reason: row.suspension_reason,
            tokens_valid_from: row.tokens_valid_from_us.map(Timestamp::from_micros),
            create_time: Timestamp::from_micros(row.create_time_us),
            update_time: Timestamp::from_micros(row.update_time_us),
            version: Version::new(row.version),
        })
    }
}

pub async fn organization(pool: &Pool<Db>, id: &str) -> Result<Option<Organization>, StoreError> {
    one(query_file_as!(OrganizationRow, "../queries/read_organization.sql", id).fetch_optional(pool).await)
}

pub async fn organizations(
    pool: &Pool<Db>,
    within: Option<&OrganizationId>,
    after: &str,
    limit: i64,
) -> Result<Vec<Organization>, StoreError> {
    let within = text(within);
    let rows = query_file_as!(OrganizationRow, "../queries/list_organizations.sql", after, within, limit);
    all(rows.fetch_all(pool).await)
}

pub async fn revoked_organizations(
    pool: &Pool<Db>,
    since: Timestamp,
) -> Result<Vec<Organization>, StoreError> {
    let since = since.as_micros();
    all(query_file_as!(OrganizationRow, "../queries/list_revoked_organizations.sql", since)
        .fetch_all(pool)
        .await)
}

fn words(roles: &[OrganizationRole]) -> String {
    roles.iter().copied().map(OrganizationRole::code).collect::<Vec<_>>().join(" ")
}

pub async fn add_organization(connection: &mut Connection, new: &Organization) -> Result<(), StoreError> {
    let row = query_file!(
        "../queries/add_organization.sql",
        new.id.as_str(),
        new.display_name,
        words(&new.roles),
        new.state.code(),
        new.suspension_reason,
        new.tokens_valid_from.map(Timestamp::as_micros),
        new.create_time.as_micros(),
        new.update_time.as_micros(),
        new.version.as_i64()
    );
    added(row.execute(connection).await, "organization")
}

pub async fn save_organization(connection: &mut Connection, next: &Organization) -> Result<(), StoreError> {
    let row = query_file!(
        "../queries/save_organization.sql",
        next.id.as_str(),
        next.version.as_i64(),
        next.display_name,
        words(&next.roles),
        next.state.code(),
        next.suspension_reason,
        next.tokens_valid_from.map(Timestamp::as_micros),
        next.update_time.as_micros()
    );
    saved(row.execute(connection).await, "organization")
}

pub async fn keep_organization(
    connection: &mut Connection,
    id: &OrganizationId,
    version: Version,
) -> Result<(), StoreError> {
    let row = query_file!("../queries/keep_organization.sql", id.as_str(), version.as_i64());
    saved(row.execute(connection).await, "organization")
}

struct ClientRow {
    id: String,
    organization: String,
    display_name: String,
    scopes: String,
    person: String,
    token_binding: String,
    state: String,
    tokens_valid_from_us: Option<i64>,
    create_time_us: i64,
    update_time_us: i64,
    version: i64,
}

impl TryFrom<ClientRow> for Client {
    type Error = StoreError;

    fn try_from(row: ClientRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: id(&row.id)?,
            organization: id(&row.organization)?,
            display_name: row.display_name,
            scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
            person: optional_id(&row.person)?,
            token_binding: code(TokenBinding::from_code(&row.token_binding), "token binding")?,
            state: code(ClientState::from_code(&row.state), "client state")?,
            tokens_valid_from: row.tokens_valid_from_us.map(Timestamp::from_micros),
            credentials: Vec::new(),
            create_time: Timestamp::from_micros(row.create_time_us),
            update_time: Timestamp::from_micros(row.update_time_us),
            version: Version::new(row.version),
        })
    }
}

struct CredentialRow {
    client_id: String,
    key_id: String,
    kind: String,
    value: String,
    hash: Vec<u8>,
    create_time_us: i64,
    not_after_us: Option<i64>,
    notice: String,
}

impl TryFrom<CredentialRow> for ClientCredential {
    type Error = StoreError;

    fn try_from(row: CredentialRow) -> Result<Self, StoreError> {
        let check = match row.kind.as_str() {
            "PUBLIC_KEY" => CredentialCheck::PublicKey(row.value),
            "SECRET" => CredentialCheck::SecretHash(digest(row.hash)?),
            "THUMBPRINT" => CredentialCheck::Certificate(CertificateMatch::Thumbprint(digest(row.hash)?)),
            name => {
                let name = code(CertificateName::from_code(name), "kind of credential")?;
                CredentialCheck::Certificate(CertificateMatch::Name(name, row.value))
            }
        };
        Ok(Self {
            key_id: row.key_id,
            check,
            create_time: Timestamp::from_micros(row.create_time_us),
            not_after: row.not_after_us.map(Timestamp::from_micros),
            notice: code(ExpiryNotice::from_code(&row.notice), "expiry notice")?,
        })
    }
}

/// One statement: what is decided on is the row with the credentials of the same version.
pub async fn client(pool: &Pool<Db>, id: &ClientId) -> Result<Option<Client>, StoreError> {
    let rows =
        query_file!("../queries/read_client.sql", id.as_str()).fetch_all(pool).await.map_err(failure)?;
    let (mut client, mut credentials) = (None, Vec::with_capacity(rows.len()));
    for row in rows {
        if let (Some(key_id), Some(kind), Some(value), Some(hash), Some(create_time_us), Some(notice)) =
            (row.key_id, row.kind, row.value, row.hash, row.key_create_time_us, row.notice)
        {
            let (client_id, not_after_us) = (row.id.clone(), row.not_after_us);
            credentials.push(CredentialRow {
                client_id,
                key_id,
                kind,
                value,
                hash,
                create_time_us,
                not_after_us,
                notice,
            });
        }
        client = Some(ClientRow {
            id: row.id,
            organization: row.organization,
            display_name: row.display_name,
            scopes: row.scopes,
            person: row.person,
            token_binding: row.token_binding,
            state: row.state,
            tokens_valid_from_us: row.tokens_valid_from_us,
            create_time_us: row.create_time_us,
            update_time_us: row.update_time_us,
            version: row.version,
        });
    }
    client.map(|client| client_of(client, credentials)).transpose()
}

pub async fn clients(
    pool: &Pool<Db>,
    within: Option<&OrganizationId>,
    ends_before: Option<Timestamp>,
    after: &str,
    limit: i64,
) -> Result<Vec<Client>, StoreError> {
    let within = text(within);
    let before = ends_before.unwrap_or(Timestamp::MAX).as_micros();
    let rows = query_file_as!(ClientRow, "../queries/list_clients.sql", after, within, before, limit)
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    with_credentials(pool, rows, within).await
}

pub async fn due_clients(
    pool: &Pool<Db>,
    now: Timestamp,
    limit: i64,
    passed_over: &PassedOver,
    due: &mut Due,
) -> Result<(), StoreError> {
    let (now, passed_over) = (now.as_micros(), passed_over.words());
    let mut rows = query_file_as!(ClientRow, "../queries/list_due_clients.sql", now, limit, passed_over)
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    rows.sort_by(|left, right| left.id.cmp(&right.id));
    let names: Vec<_> = rows.iter().map(|row| format!("clients/{}", row.id)).collect();
    // One row that cannot be read keeps nobody else waiting.
    for (name, client) in names.into_iter().zip(read_credentials(pool, rows, "").await?) {
        match client {
            Ok(client) => due.clients.push(client),
            Err(_) => due.damaged.push(name),
        }
    }
    Ok(())
}

async fn with_credentials(
    pool: &Pool<Db>,
    rows: Vec<ClientRow>,
    within: &str,
) -> Result<Vec<Client>, StoreError> {
    read_credentials(pool, rows, within).await?.into_iter().collect()
}

/// Adds the credentials of a run of clients, which are in the order of their ids.
async fn read_credentials(
    pool: &Pool<Db>,
    rows: Vec<ClientRow>,
    within: &str,
) -> Result<Vec<Result<Client, StoreError>>, StoreError> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Vec::new()) };
    let credentials =
        query_file_as!(CredentialRow, "../queries/list_credentials.sql", first.id, last.id, within)
            .fetch_all(pool)
            .await
            .map_err(failure)?;
    let mut credentials = credentials.into_iter().peekable();
    let mut clients = Vec::with_capacity(rows.len());
    for row in rows {
        let mut own = Vec::new();
        while let Some(credential) = credentials.next_if(|credential| credential.client_id <= row.id) {
            if credential.client_id == row.id {
                own.push(credential);
            }
        }
        clients.push(client_of(row, own));
    }
    Ok(clients)
}

fn client_of(row: ClientRow, credentials: Vec<CredentialRow>) -> Result<Client, StoreError> {
    let credentials = credentials.into_iter().map(ClientCredential::try_from).collect::<Result<_, _>>()?;
    Ok(Client { credentials, ..row.try_into()? })
}

pub async fn revoked_clients(
    pool: &Pool<Db>,
    since: Timestamp,
) -> Result<Vec<(ClientId, Timestamp)>, StoreError> {
    let rows = query_file!("../queries/list_revoked_clients.sql", since.as_micros())
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    rows.into_iter()
        .map(|row| {
            // Disabled is for good, whatever else the row says.
            let until = match row.tokens_valid_from_us {
                Some(until) if row.state != ClientState::Disabled.code() => Timestamp::from_micros(until),
                _ => NO_TOKEN,
            };
            Ok((id(&row.id)?, until))
        })
        .collect()
}

pub async fn add_client(connection: &mut Connection, new: &Client) -> Result<(), StoreError> {
    let row = query_file!(
        "../queries/add_client.sql",
        new.id.as_str(),
        new.organization.as_str(),
        new.display_name,
        new.scopes.join(" "),
        text(new.person.as_ref()),
        new.token_binding.code(),
        new.state.code(),
        new.tokens_valid_from.map(Timestamp::as_micros),
        new.next_notice().map(Timestamp::as_micros),
        new.create_time.as_micros(),
        new.update_time.as_micros(),
        new.version.as_i64()
    );
    added(row.execute(&mut *connection).await, "client")?;
    add_credentials(connection, new).await
}

pub async fn save_client(connection: &mut Connection, next: &Client) -> Result<(), StoreError> {
    let row = query_file!(
        "../queries/save_client.sql",
        next.id.as_str(),
        next.version.as_i64(),
        next.display_name,
        next.scopes.join(" "),
        text(next.person.as_ref()),
        next.token_binding.code(),
        next.state.code(),
        next.tokens_valid_from.map(Timestamp::as_micros),
        next.next_notice().map(Timestamp::as_micros),
        next.update_time.as_micros()
    );
    saved(row.execute(&mut *connection).await, "client")?;
    query_file!("../queries/drop_credentials.sql", next.id.as_str())
        .execute(&mut *connection)
        .await
        .map_err(failure)?;
    add_credentials(connection, next).await
}

async fn add_credentials(connection: &mut Connection, client: &Client) -> Result<(), StoreError> {
    for credential in &client.credentials {
        let (kind, value, hash) = stored(&credential.check);
        let row = query_file!(
            "../queries/add_credential.sql",
            client.id.as_str(),
            credential.key_id,
            kind,
            value,
            hash,
            credential.create_time.as_micros(),
            credential.not_after.map(Timestamp::as_micros),
            credential.notice.code()
        );
        added(row.execute(&mut *connection).await, "client_key")?;
    }
    Ok(())
}

fn stored(check: &CredentialCheck) -> (&'static str, &str, &[u8]) {
    match check {
        CredentialCheck::PublicKey(jwk) => ("PUBLIC_KEY", jwk, &[]),
        CredentialCheck::SecretHash(hash) => ("SECRET", "", hash),
        CredentialCheck::Certificate(CertificateMatch::Thumbprint(hash)) => ("THUMBPRINT", "", hash),
        CredentialCheck::Certificate(CertificateMatch::Name(name, value)) => (name.code(), value, &[]),
    }
}

pub async fn keep_client(
    connection: &mut Connection,
    id: &ClientId,
    version: Version,
) -> Result<(), StoreError> {
    let row = query_file!("../queries/keep_client.sql", id.as_str(), version.as_i64());
    saved(row.execute(connection).await, "client")
}

pub async fn add_revoked_token(connection: &mut Connection, new: &RevokedToken) -> Result<(), StoreError> {
    let (client, expires) = (new.client.as_str(), new.expire_time.as_micros());
    let added = query_file!("../queries/add_revoked_token.sql", new.token_id, client, expires)
        .execute(connection)
        .await
        .map_err(failure)?;
    if added.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Taken("revoked_token")) }
}

pub async fn revoked_token(pool: &Pool<Db>, token_id: &str) -> Result<Option<RevokedToken>, StoreError> {
    let row = query_file!("../queries/read_revoked_token.sql", token_id)
        .fetch_optional(pool)
        .await
        .map_err(failure)?;
    let token = row.map(|row| {
        let expire_time = Timestamp::from_micros(row.expire_time_us);
        Ok(RevokedToken { token_id: row.token_id, client: id(&row.client)?, expire_time })
    });
    token.transpose()
}

pub async fn revoked_tokens(pool: &Pool<Db>, since: Timestamp) -> Result<Vec<RevokedToken>, StoreError> {
    let rows = query_file!("../queries/list_revoked_tokens.sql", since.as_micros())
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    let tokens = rows.into_iter().map(|row| {
        let expire_time = Timestamp::from_micros(row.expire_time_us);
        Ok(RevokedToken { token_id: row.token_id, client: id(&row.client)?, expire_time })
    });
    tokens.collect()
}

pub async fn forget_revoked_tokens(connection: &mut Connection, until: Timestamp) -> Result<(), StoreError> {
    query_file!("../queries/forget_revoked_tokens.sql", until.as_micros())
        .execute(connection)
        .await
        .map(drop)
        .map_err(failure)
}

pub async fn use_assertion(
    connection: &mut Connection,
    assertion: &AssertionUse,
) -> Result<bool, StoreError> {
    let (client, expires) = (assertion.client.as_str(), assertion.expire_time.as_micros());
    let used = query_file!("../queries/use_assertion.sql", client, assertion.assertion_id, expires)
        .execute(connection)
        .await
        .map_err(failure)?;
    Ok(used.rows_affected() == 1)
}

pub async fn forget_assertions(connection: &mut Connection, until: Timestamp) -> Result<(), StoreError> {
    query_file!("../queries/forget_assertions.sql", until.as_micros())
        .execute(connection)
        .await
        .map(drop)
        .map_err(failure)
}
