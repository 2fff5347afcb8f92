//! Statements that read.

use super::rows::{
    ClientRow, CredentialRow, OrganizationRow, PairwiseRow, PersonRow, ProofingRow, SigningKeyRow,
    id as stored_id,
};
use crate::engine::{Db, failure};
use greenroom_domain::identity::port::{
    PairwiseName, PairwiseRecord, PersonRecord, ProofingRecord, SigningKeyRecord,
};
use greenroom_domain::identity::{Client, ClientCredential, ClientState, NO_TOKEN, Organization};
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Timestamp};
use greenroom_domain::ledger::StoreError;
use sqlx::{Pool, query_file, query_file_as};

pub async fn organization(pool: &Pool<Db>, id: &str) -> Result<Option<Organization>, StoreError> {
    let row = query_file_as!(OrganizationRow, "../queries/read_organization.sql", id)
        .fetch_optional(pool)
        .await
        .map_err(failure)?;
    row.map(Organization::try_from).transpose()
}

pub async fn organizations(
    pool: &Pool<Db>,
    within: Option<&OrganizationId>,
    after: &str,
    limit: i64,
) -> Result<Vec<Organization>, StoreError> {
    let within = within.map(OrganizationId::as_str).unwrap_or_default();
    let rows = query_file_as!(OrganizationRow, "../queries/list_organizations.sql", after, within, limit)
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    rows.into_iter().map(Organization::try_from).collect()
}

pub async fn client(pool: &Pool<Db>, id: &ClientId) -> Result<Option<Client>, StoreError> {
    let row = query_file_as!(ClientRow, "../queries/read_client.sql", id.as_str())
        .fetch_optional(pool)
        .await
        .map_err(failure)?;
    // Asked also where there is no client: the time that takes must not tell.
    let credentials =
        query_file_as!(CredentialRow, "../queries/list_credentials.sql", id.as_str(), id.as_str(), "")
            .fetch_all(pool)
            .await
            .map_err(failure)?;
    let Some(row) = row else { return Ok(None) };
    let credentials = credentials.into_iter().map(ClientCredential::try_from).collect::<Result<_, _>>()?;
    Ok(Some(Client { credentials, ..row.try_into()? }))
}

pub async fn clients(
    pool: &Pool<Db>,
    within: Option<&OrganizationId>,
    after: &str,
    limit: i64,
) -> Result<Vec<Client>, StoreError> {
    let within = within.map(OrganizationId::as_str).unwrap_or_default();
    let rows = query_file_as!(ClientRow, "../queries/list_clients.sql", after, within, limit)
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    with_credentials(pool, rows, within).await
}

/// Adds the credentials of a run of clients, which are in the order of their ids.
async fn with_credentials(
    pool: &Pool<Db>,
    rows: Vec<ClientRow>,
    within: &str,
) -> Result<Vec<Client>, StoreError> {
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
                own.push(ClientCredential::try_from(credential)?);
            }
        }
        clients.push(Client { credentials: own, ..row.try_into()? });
    }
    Ok(clients)
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
            Ok((stored_id(&row.id)?, until))
        })
        .collect()
}

pub async fn person(pool: &Pool<Db>, id: &PersonId) -> Result<Option<PersonRecord>, StoreError> {
    let row = query_file_as!(PersonRow, "../queries/read_person.sql", id.as_str())
        .fetch_optional(pool)
        .await
        .map_err(failure)?;
    row.map(PersonRecord::try_from).transpose()
}

pub async fn persons(pool: &Pool<Db>, after: &str, limit: i64) -> Result<Vec<PersonRecord>, StoreError> {
    let rows = query_file_as!(PersonRow, "../queries/list_persons.sql", after, limit)
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    rows.into_iter().map(PersonRecord::try_from).collect()
}

pub async fn name_of(
    pool: &Pool<Db>,
    organization: &OrganizationId,
    person: &PersonId,
) -> Result<Option<PairwiseRecord>, StoreError> {
    let (organization, person) = (organization.as_str(), person.as_str());
    let row = query_file_as!(PairwiseRow, "../queries/read_pairwise_name.sql", organization, person)
        .fetch_optional(pool)
        .await
        .map_err(failure)?;
    row.map(PairwiseRecord::try_from).transpose()
}

/// The names as stored, in the order they were asked for.
pub async fn named(
    pool: &Pool<Db>,
    names: &[PairwiseName],
) -> Result<Vec<Option<PairwiseRecord>>, StoreError> {
    let mut connection = pool.acquire().await.map_err(failure)?;
    let mut found = Vec::with_capacity(names.len());
    for PairwiseName { organization, name } in names {
        let (organization, name) = (organization.as_str(), name.as_str());
        let row = query_file_as!(PairwiseRow, "../queries/find_named_person.sql", organization, name)
            .fetch_optional(&mut *connection)
            .await
            .map_err(failure)?;
        found.push(row.map(PairwiseRecord::try_from).transpose()?);
    }
    Ok(found)
}

pub async fn pairwise_names(
    pool: &Pool<Db>,
    after: Option<&PairwiseName>,
    limit: i64,
) -> Result<Vec<PairwiseRecord>, StoreError> {
    let (organization, name) =
        after.map_or(("", ""), |after| (after.organization.as_str(), after.name.as_str()));
    let rows = query_file_as!(PairwiseRow, "../queries/list_pairwise_names.sql", organization, name, limit)
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    rows.into_iter().map(PairwiseRecord::try_from).collect()
}

pub async fn proofings(pool: &Pool<Db>, after: &str, limit: i64) -> Result<Vec<ProofingRecord>, StoreError> {
    let rows = query_file_as!(ProofingRow, "../queries/list_proofings.sql", after, limit)
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    rows.into_iter().map(ProofingRecord::try_from).collect()
}

pub async fn signing_keys(pool: &Pool<Db>) -> Result<Vec<SigningKeyRecord>, StoreError> {
    let rows = query_file_as!(SigningKeyRow, "../queries/list_signing_keys.sql")
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    Ok(rows.into_iter().map(SigningKeyRecord::from).collect())
}
