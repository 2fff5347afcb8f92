//! Opaque places in feeds.
//!
//! A [`Cursor`] names one database and one event number; a [`Revision`] names several, and says how far each feed had
//! been applied when an answer was given. Both are text without meaning to those who carry them.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenroom_domain::ledger::Position;
use std::collections::BTreeMap;
use uuid::Uuid;

const CURSOR_FORM: u8 = 1;
const REVISION_FORM: u8 = 2;
const CHECK_BYTES: usize = 4;
const ENTRY_BYTES: usize = 24;
/// A revision names the suite's feeds: three today.
const MAX_ENTRIES: usize = 16;

/// Why a text is not the place it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CursorFault {
    /// The text was not made by a feed.
    #[error("the cursor is malformed")]
    Malformed,
    /// It names another database.
    #[error("the cursor names another database")]
    ForeignDatabase,
    /// The database has not reached it.
    #[error("the cursor lies ahead of this database")]
    Ahead,
}

/// A place in one feed, as text.
pub struct Cursor;

impl Cursor {
    /// The text for a position.
    pub fn encode(position: &Position) -> String {
        seal(CURSOR_FORM, &entry(&position.database, position.sequence))
    }

    /// The position behind a text.
    pub fn decode(text: &str) -> Result<Position, CursorFault> {
        let body = open(CURSOR_FORM, text)?;
        let mut entries = entries(&body)?;
        match (entries.pop(), entries.is_empty()) {
            (Some((database, sequence)), true) => Ok(Position { database, sequence }),
            _ => Err(CursorFault::Malformed),
        }
    }

    /// The event number to resume after in a feed whose head stands at `head`; an empty text is the beginning.
    pub fn resume(text: &str, head: &Position) -> Result<i64, CursorFault> {
        if text.is_empty() {
            return Ok(0);
        }
        let position = Self::decode(text)?;
        if position.database != head.database {
            return Err(CursorFault::ForeignDatabase);
        }
        if position.sequence > head.sequence {
            return Err(CursorFault::Ahead);
        }
        Ok(position.sequence)
    }
}

/// How far each of several feeds had been applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision(BTreeMap<String, i64>);

impl Revision {
    /// The revision that covers one position.
    pub fn at(position: &Position) -> Self {
        Self(BTreeMap::from([(position.database.clone(), position.sequence)]))
    }

    /// Adds a position; of two in the same database the later one stays.
    #[must_use]
    pub fn and(mut self, position: &Position) -> Self {
        let sequence = self.0.entry(position.database.clone()).or_insert(position.sequence);
        *sequence = position.sequence.max(*sequence);
        self
    }

    /// Whether everything `wanted` names has been applied. Databases unknown here are not covered.
    pub fn covers(&self, wanted: &Self) -> bool {
        wanted.0.iter().all(|(database, sequence)| self.0.get(database).is_some_and(|have| have >= sequence))
    }

    /// As text.
    pub fn encode(&self) -> String {
        let body: Vec<u8> =
            self.0.iter().flat_map(|(database, sequence)| entry(database, *sequence)).collect();
        seal(REVISION_FORM, &body)
    }

    /// The revision behind a text. An empty text asks for nothing.
    pub fn decode(text: &str) -> Result<Self, CursorFault> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let entries = entries(&open(REVISION_FORM, text)?)?;
        Ok(Self(entries.into_iter().collect()))
    }
}

fn entry(database: &str, sequence: i64) -> Vec<u8> {
    let id = Uuid::parse_str(database).unwrap_or_default();
    [id.as_bytes().as_slice(), &sequence.to_be_bytes()].concat()
}

fn entries(body: &[u8]) -> Result<Vec<(String, i64)>, CursorFault> {
    let (chunks, rest) = body.as_chunks::<ENTRY_BYTES>();
    if !rest.is_empty() || chunks.is_empty() || chunks.len() > MAX_ENTRIES {
        return Err(CursorFault::Malformed);
    }
    chunks
        .iter()
        .map(|chunk| {
            let (id, sequence) = chunk.split_at(16);
            let id = Uuid::from_slice(id).map_err(|_| CursorFault::Malformed)?;
            let sequence = i64::from_be_bytes(sequence.try_into().map_err(|_| CursorFault::Malformed)?);
            if sequence < 0 { Err(CursorFault::Malformed) } else { Ok((id.to_string(), sequence)) }
        })
        .collect()
}

/// A few check bytes tell a slip of the hand; they are no protection, and none is needed: a cursor grants nothing.
fn seal(form: u8, body: &[u8]) -> String {
    let mut bytes = vec![form];
    bytes.extend(body);
    let check = digest(&SHA256, &bytes);
    bytes.extend(check.as_ref().iter().take(CHECK_BYTES));
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(form: u8, text: &str) -> Result<Vec<u8>, CursorFault> {
    if text.len() > 1024 {
        return Err(CursorFault::Malformed);
    }
    let mut bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorFault::Malformed)?;
    let body_end = bytes.len().checked_sub(CHECK_BYTES).ok_or(CursorFault::Malformed)?;
    let check = bytes.split_off(body_end);
    if !digest(&SHA256, &bytes).as_ref().starts_with(&check) || bytes.first() != Some(&form) {
        return Err(CursorFault::Malformed);
    }
    bytes.remove(0);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(database: u128, sequence: i64) -> Position {
        Position { database: Uuid::from_u128(database).to_string(), sequence }
    }

    #[test]
    fn an_empty_cursor_is_the_beginning() {
        assert_eq!(Cursor::resume("", &at(1, 9)), Ok(0));
    }

    #[test]
    fn a_cursor_of_another_database_is_refused_by_name() {
        assert_eq!(Cursor::resume(&Cursor::encode(&at(2, 1)), &at(1, 9)), Err(CursorFault::ForeignDatabase));
    }

    #[test]
    fn a_cursor_ahead_of_a_restored_database_is_refused_by_name() {
        assert_eq!(Cursor::resume(&Cursor::encode(&at(1, 10)), &at(1, 9)), Err(CursorFault::Ahead));
    }

    #[test]
    fn a_revision_is_no_cursor() {
        assert_eq!(Cursor::decode(&Revision::at(&at(1, 1)).encode()), Err(CursorFault::Malformed));
    }

    #[test]
    fn a_revision_of_an_unknown_database_is_not_covered() {
        assert!(!Revision::at(&at(1, 5)).covers(&Revision::at(&at(2, 1))));
    }

    proptest! {
        #[test]
        fn a_cursor_says_what_it_was_made_from(database in any::<u128>(), sequence in 0i64..) {
            prop_assert_eq!(Cursor::decode(&Cursor::encode(&at(database, sequence))), Ok(at(database, sequence)));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}") {
            let _ = Cursor::decode(&text);
            let _ = Revision::decode(&text);
        }

        #[test]
        fn merging_covers_both(a in 0i64..100, b in 0i64..100, c in 0i64..100) {
            let merged = Revision::at(&at(1, a)).and(&at(1, b)).and(&at(2, c));
            prop_assert!(merged.covers(&Revision::at(&at(1, a))));
            prop_assert!(merged.covers(&Revision::at(&at(1, b)).and(&at(2, c))));
            prop_assert_eq!(Revision::decode(&merged.encode()), Ok(merged));
        }
    }
}
