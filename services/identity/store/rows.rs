//! How stored texts and bytes become values.

use crate::engine::{Db, failure};
use greenroom_domain::kernel::{Collection, Id};
use greenroom_domain::ledger::{Actor, StoreError};

/// A connection inside a transaction.
pub type Connection = <Db as sqlx::Database>::Connection;

/// What the database says of a statement that changed rows.
pub type Changed = Result<<Db as sqlx::Database>::QueryResult, sqlx::Error>;

/// A row that must be new; a unique value that is taken is told by `word`.
pub fn added(outcome: Changed, word: &'static str) -> Result<(), StoreError> {
    outcome.map(drop).map_err(|error| crate::feed_store::unique_or(error, StoreError::Taken(word)))
}

/// A row that must be there as it was read; a unique value that is taken is told by `word`.
pub fn saved(outcome: Changed, word: &'static str) -> Result<(), StoreError> {
    let done = outcome.map_err(|error| crate::feed_store::unique_or(error, StoreError::Taken(word)))?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// Every row as a value.
pub fn all<R, T: TryFrom<R, Error = StoreError>>(
    rows: Result<Vec<R>, sqlx::Error>,
) -> Result<Vec<T>, StoreError> {
    rows.map_err(failure)?.into_iter().map(T::try_from).collect()
}

/// The row, if there is one, as a value.
pub fn one<R, T: TryFrom<R, Error = StoreError>>(
    row: Result<Option<R>, sqlx::Error>,
) -> Result<Option<T>, StoreError> {
    row.map_err(failure)?.map(T::try_from).transpose()
}

/// A stored id.
pub fn id<K: Collection>(text: &str) -> Result<Id<K>, StoreError> {
    Id::try_new(text).map_err(|_| StoreError::Damaged(format!("an id of the collection `{}`", K::COLLECTION)))
}

/// A stored id; none for the empty text.
pub fn optional_id<K: Collection>(text: &str) -> Result<Option<Id<K>>, StoreError> {
    if text.is_empty() { Ok(None) } else { id(text).map(Some) }
}

/// The text of an id; empty for none.
pub fn text<K: Collection>(id: Option<&Id<K>>) -> &str {
    id.map(Id::as_str).unwrap_or_default()
}

/// Who recorded a row.
pub fn actor(client: &str, organization: &str, person: &str) -> Result<Actor, StoreError> {
    Ok(Actor {
        client: optional_id(client)?,
        organization: optional_id(organization)?,
        person: optional_id(person)?,
    })
}

/// A stored word as the value it stands for.
pub fn code<T>(value: Option<T>, what: &str) -> Result<T, StoreError> {
    value.ok_or_else(|| StoreError::Damaged(format!("an unknown {what}")))
}

/// The same where the empty text stands for none.
pub fn optional_code<T>(
    word: &str,
    read: impl FnOnce(&str) -> Option<T>,
    what: &str,
) -> Result<Option<T>, StoreError> {
    if word.is_empty() { Ok(None) } else { code(read(word), what).map(Some) }
}

/// A stored digest.
pub fn digest(bytes: Vec<u8>) -> Result<[u8; 32], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Damaged("a digest of the wrong length".to_owned()))
}

/// A stored digest; none for no bytes.
pub fn optional_digest(bytes: Vec<u8>) -> Result<Option<[u8; 32]>, StoreError> {
    if bytes.is_empty() { Ok(None) } else { digest(bytes).map(Some) }
}

/// The bytes of a digest; none of them for none.
pub fn bytes(digest: Option<&[u8; 32]>) -> &[u8] {
    digest.map(<[u8; 32]>::as_slice).unwrap_or_default()
}
