//! Statements that look for many documents, or many persons, at once.

use super::persons::{PairwiseRow, PersonRow};
use super::rows::{digest, id as stored_id};
use crate::engine::{Db, failure};
use greenroom_domain::identity::port::{DocumentStanding, Lookup, PairwiseRecord, PersonRecord};
use greenroom_domain::kernel::{OrganizationId, PersonId};
use greenroom_domain::ledger::StoreError;
use sqlx::{Pool, query_file, query_file_as};
use std::collections::HashMap;

/// How many documents one statement looks for: a thousand round trips to the engine cost more than the search.
const AT_ONCE: usize = 20;

/// The keys of one statement. A place that is left over asks for the first once more.
fn places<T>(chunk: &[T]) -> Option<[&T; AT_ONCE]> {
    let mut keys = [chunk.first()?; AT_ONCE];
    for (key, wanted) in keys.iter_mut().zip(chunk) {
        *key = wanted;
    }
    Some(keys)
}

pub async fn persons_by_claim(
    pool: &Pool<Db>,
    claims: &[Lookup],
) -> Result<Vec<Option<PersonRecord>>, StoreError> {
    let mut connection = pool.acquire().await.map_err(failure)?;
    let mut known = HashMap::with_capacity(claims.len());
    for keys in claims.chunks(AT_ONCE).filter_map(places) {
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
            known.insert(record.claim_lookup, record);
        }
    }
    Ok(claims.iter().map(|claim| known.get(claim).cloned()).collect())
}

pub async fn documents(
    pool: &Pool<Db>,
    lookups: &[Lookup],
) -> Result<Vec<Option<DocumentStanding>>, StoreError> {
    let mut connection = pool.acquire().await.map_err(failure)?;
    let mut known = HashMap::with_capacity(lookups.len());
    for keys in lookups.chunks(AT_ONCE).filter_map(places) {
        let rows = query_file!(
            "../queries/find_documents.sql",
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
            let standing = match row.owner.as_str() {
                "" => DocumentStanding::Claimed,
                owner => DocumentStanding::Proven(stored_id(owner)?),
            };
            known.insert(digest(row.lookup)?, standing);
        }
    }
    Ok(lookups.iter().map(|lookup| known.get(lookup).cloned()).collect())
}

/// The names an organization has for these persons, in their order.
pub async fn names_of(
    pool: &Pool<Db>,
    organization: &OrganizationId,
    persons: &[PersonId],
) -> Result<Vec<Option<PairwiseRecord>>, StoreError> {
    let mut connection = pool.acquire().await.map_err(failure)?;
    let mut known = HashMap::with_capacity(persons.len());
    for keys in persons.chunks(AT_ONCE).filter_map(places) {
        let rows = query_file_as!(
            PairwiseRow,
            "../queries/find_names.sql",
            organization.as_str(),
            keys[0].as_str(),
            keys[1].as_str(),
            keys[2].as_str(),
            keys[3].as_str(),
            keys[4].as_str(),
            keys[5].as_str(),
            keys[6].as_str(),
            keys[7].as_str(),
            keys[8].as_str(),
            keys[9].as_str(),
            keys[10].as_str(),
            keys[11].as_str(),
            keys[12].as_str(),
            keys[13].as_str(),
            keys[14].as_str(),
            keys[15].as_str(),
            keys[16].as_str(),
            keys[17].as_str(),
            keys[18].as_str(),
            keys[19].as_str()
        )
        .fetch_all(&mut *connection)
        .await
        .map_err(failure)?;
        for row in rows {
            let record = PairwiseRecord::try_from(row)?;
            known.insert(record.person.clone(), record);
        }
    }
    Ok(persons.iter().map(|person| known.get(person).cloned()).collect())
}
