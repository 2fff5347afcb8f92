//! Batches of the log cut into messages that every client accepts.
//!
//! gRPC libraries refuse messages of more than four mebibytes unless told otherwise, and a watcher that cannot read one
//! message can never get past it.

use futures::{StreamExt as _, stream};
use greenroom_domain::ledger::Position;
use greenroom_feed::cursor::Cursor;
use greenroom_rpc::stream::Answers;
use prost::Message;
use tonic::Status;

/// The size from which on no further event is added to a message.
const FULL: usize = 1024 * 1024;

/// Some events of a batch, and the number of the last one the message stands for.
pub struct Piece<E> {
    /// The events.
    pub events: Vec<E>,
    /// Everything up to this number is told with them.
    pub through: i64,
}

/// Cuts the events of a batch, each with its number, into pieces. There is always a last one, which reaches `through`.
pub fn cut<E: Message>(events: impl IntoIterator<Item = (i64, E)>, through: i64) -> Vec<Piece<E>> {
    let mut pieces = Vec::new();
    let (mut piece, mut size) = (Piece { events: Vec::new(), through }, 0);
    for (number, event) in events {
        if size >= FULL {
            pieces.push(std::mem::replace(&mut piece, Piece { events: Vec::new(), through }));
            size = 0;
        }
        size += event.encoded_len();
        piece.events.push(event);
        piece.through = number;
    }
    piece.through = through;
    pieces.push(piece);
    pieces
}

/// The cursor behind a piece.
pub fn cursor<E>(piece: &Piece<E>, database: &str) -> String {
    Cursor::encode(&Position { database: database.to_owned(), sequence: piece.through })
}

/// A stream of several messages at a time as a stream of messages.
pub fn one_by_one<T: Send + 'static>(answers: Answers<Vec<T>>) -> Answers<T> {
    let flat = answers.flat_map(|answer| {
        let messages: Vec<Result<T, Status>> = match answer {
            Ok(messages) => messages.into_iter().map(Ok).collect(),
            Err(status) => vec![Err(status)],
        };
        stream::iter(messages)
    });
    Box::pin(flat)
}

/// How many of the records, from the first on, fit one answer; at least one.
pub fn fitting<T>(records: &[T], size: impl Fn(&T) -> usize) -> usize {
    let sums = records.iter().scan(0, |sum, record| {
        let before = *sum;
        *sum += size(record);
        Some(before)
    });
    sums.take_while(|before| *before < FULL).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_batch_is_cut_without_losing_or_repeating_an_event() {
        let events = (1..=50).map(|number| {
            (number, prost_types::Any { type_url: number.to_string(), value: vec![0; 100_000] })
        });
        let pieces = cut(events, 60);
        assert!(pieces.len() > 4);
        let told: Vec<String> =
            pieces.iter().flat_map(|piece| &piece.events).map(|event| event.type_url.clone()).collect();
        assert_eq!(told, (1..=50).map(|number| number.to_string()).collect::<Vec<_>>());
        for (piece, next) in pieces.iter().zip(pieces.iter().skip(1)) {
            assert_eq!(next.events.first().unwrap().type_url, (piece.through + 1).to_string());
        }
        assert_eq!(pieces.last().unwrap().through, 60);
    }

    #[test]
    fn a_batch_without_events_is_one_piece() {
        let pieces = cut(std::iter::empty::<(i64, ())>(), 7);
        assert_eq!(pieces.iter().map(|piece| piece.through).collect::<Vec<_>>(), [7]);
    }

    #[test]
    fn a_page_holds_one_record_however_large() {
        assert_eq!(fitting(&[FULL * 3, 1, 1], |size| *size), 1);
        assert_eq!(fitting(&[1, 1, 1], |size| *size), 3);
        assert_eq!(fitting(&[FULL / 2, FULL / 2, 1], |size| *size), 2);
    }
}
