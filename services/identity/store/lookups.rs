//! Statements that look for many documents at once.

use super::persons::PersonRow;
use super::rows::{digest, id as stored_id};
use crate::engine::{Db, failure};
use greenroom_domain::identity::port::{DocumentStanding, Lookup, PersonRecord};
use greenroom_domain::ledger::StoreError;
use sqlx::{Pool, query_file, query_file_as};
use std::collections::HashMap;

/// How many documents one statement looks for: a thousand round trips to the engine cost more than the search.
const AT_ONCE: usize = 20;

/// The keys of one statement. A place that is left over asks for the first once more.
fn places(chunk: &[Lookup]) -> Option<[Lookup; AT_ONCE]> {
    let mut keys = [*chunk.first()?; AT_ONCE];
    for (key, lookup) in keys.iter_mut().zip(chunk) {
        *key = *lookup;
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
