//! Statements that read.

use super::rows::{ClientRow, CredentialRow, OrganizationRow, PersonRow, SigningKeyRow, id as stored_id};
use crate::engine::{Db, failure};
use greenroom_domain::identity::port::{Lookup, PairwiseName, PersonRecord, SigningKeyRecord};
use greenroom_domain::identity::{Client, ClientCredential, Organization};
use greenroom_domain::kernel::{ClientId, OrganizationId, PersonId, Timestamp};
use greenroom_domain::ledger::StoreError;
use sqlx::{Pool, query_file, query_file_as};
use std::collections::HashMap;

pub async fn organization(pool: &Pool<Db>, id: &OrganizationId) -> Result<Option<Organization>, StoreError> {
    let row = query_file_as!(OrganizationRow, "../queries/read_organization.sql", id.as_str())
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
    let Some(row) = row else { return Ok(None) };
    let clients = with_credentials(pool, vec![row], "").await?;
    Ok(clients.into_iter().next())
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
        .map(|row| Ok((stored_id(&row.id)?, Timestamp::from_micros(row.tokens_valid_from_us))))
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

pub async fn person_named(pool: &Pool<Db>, name: &PairwiseName) -> Result<Option<PersonRecord>, StoreError> {
    let (organization, pairwise) = (name.organization.as_str(), name.name.as_str());
    let row = query_file_as!(PersonRow, "../queries/read_named_person.sql", organization, pairwise)
        .fetch_optional(pool)
        .await
        .map_err(failure)?;
    row.map(PersonRecord::try_from).transpose()
}

pub async fn name_of(
    pool: &Pool<Db>,
    organization: &OrganizationId,
    person: &PersonId,
) -> Result<Option<PersonId>, StoreError> {
    let row = query_file!("../queries/read_pairwise_name.sql", organization.as_str(), person.as_str())
        .fetch_optional(pool)
        .await
        .map_err(failure)?;
    row.map(|row| stored_id(&row.pairwise_id)).transpose()
}

/// How many documents one statement looks for: a thousand round trips to the engine cost more than the search.
const AT_ONCE: usize = 20;

pub async fn persons_by_lookup(
    pool: &Pool<Db>,
    lookups: &[Lookup],
) -> Result<Vec<Option<PersonRecord>>, StoreError> {
    let mut connection = pool.acquire().await.map_err(failure)?;
    let mut known = HashMap::with_capacity(lookups.len());
    for chunk in lookups.chunks(AT_ONCE) {
        let Some(first) = chunk.first() else { continue };
        // A place that is left over asks for the first once more.
        let mut keys = [*first; AT_ONCE];
        for (key, lookup) in keys.iter_mut().zip(chunk) {
            *key = *lookup;
        }
        let rows = query_file_as!(
            PersonRow,
            "../queries/find_persons.sql",
            keys[0].as_slice(),
            keys[1].as_slice(),
            keys[2].as_slice(),
            keys[3].as_slice(),
            keys[4].as_slice(),
            keys[5].as_slice(),
            keys[6].as_slice(),
            keys[7].as_slice(),
            keys[8].as_slice(),
            keys[9].as_slice(),
            keys[10].as_slice(),
            keys[11].as_slice(),
            keys[12].as_slice(),
            keys[13].as_slice(),
            keys[14].as_slice(),
            keys[15].as_slice(),
            keys[16].as_slice(),
            keys[17].as_slice(),
            keys[18].as_slice(),
            keys[19].as_slice()
        )
        .fetch_all(&mut *connection)
        .await
        .map_err(failure)?;
        for row in rows {
            let record = PersonRecord::try_from(row)?;
            known.insert(record.lookup, record);
        }
    }
    Ok(lookups.iter().map(|lookup| known.get(lookup).cloned()).collect())
}

pub async fn persons_by_name(
    pool: &Pool<Db>,
    names: &[PairwiseName],
) -> Result<Vec<Option<PersonId>>, StoreError> {
    let mut connection = pool.acquire().await.map_err(failure)?;
    let mut found = Vec::with_capacity(names.len());
    for PairwiseName { organization, name } in names {
        let row = query_file!("../queries/find_named_person.sql", organization.as_str(), name.as_str())
            .fetch_optional(&mut *connection)
            .await
            .map_err(failure)?;
        found.push(row.map(|row| stored_id(&row.person)).transpose()?);
    }
    Ok(found)
}

pub async fn signing_keys(pool: &Pool<Db>) -> Result<Vec<SigningKeyRecord>, StoreError> {
    let rows = query_file_as!(SigningKeyRow, "../queries/list_signing_keys.sql")
        .fetch_all(pool)
        .await
        .map_err(failure)?;
    Ok(rows.into_iter().map(SigningKeyRecord::from).collect())
}
