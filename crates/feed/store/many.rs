//! Many rows in one statement: a round trip to the engine costs more than a row.

use super::Unit;
use crate::engine;
use sqlx::{Arguments as _, AssertSqlSafe, Database, Encode, Type};
use std::sync::Arc;

type Values = <engine::Db as Database>::Arguments;

/// How many rows one statement writes. More gain nothing, and each length is a statement the engine has to keep.
const AT_ONCE: usize = 64;

/// A statement of `queries/` that writes one row, to be repeated for many. Its values come last but for what to do on a
/// conflict: `… VALUES ($1, $2, …) …`. No other text ever becomes a statement here.
pub struct Many {
    before: &'static str,
    places: usize,
    after: &'static str,
    full: Arc<str>,
}

impl Many {
    /// Takes the statement of one row apart.
    pub fn of(one: &'static str) -> Self {
        let (before, rest) = one.split_once("VALUES (").unwrap_or((one, ""));
        let (values, after) = rest.split_once(')').unwrap_or((rest, ""));
        let places = values.split(',').count();
        let full = repeated(before, places, AT_ONCE, after).into();
        Self { before, places, after, full }
    }

    /// Writes rows, and tells how many the engine counted. `put` gives the values of one row, in the order of its places.
    pub async fn write<T>(
        &self,
        unit: &mut Unit,
        rows: &[T],
        put: impl Fn(&T, &mut Row<'_>),
    ) -> Result<u64, sqlx::Error> {
        let mut written = 0;
        for chunk in rows.chunks(AT_ONCE) {
            let mut values = Values::default();
            values.reserve(chunk.len() * self.places, chunk.len() * self.places * 16);
            let mut fault = None;
            for row in chunk {
                put(row, &mut Row { values: &mut values, fault: &mut fault });
            }
            if let Some(fault) = fault {
                return Err(sqlx::Error::Encode(fault));
            }
            let whole = chunk.len() == AT_ONCE;
            let text = if whole { Arc::clone(&self.full) } else { self.of_length(chunk.len()) };
            let statement = sqlx::query_with::<engine::Db, _>(AssertSqlSafe(text), values).persistent(whole);
            written += statement.execute(unit.connection()).await?.rows_affected();
        }
        Ok(written)
    }

    fn of_length(&self, rows: usize) -> Arc<str> {
        repeated(self.before, self.places, rows, self.after).into()
    }
}

/// The values of one row on their way into a statement.
pub struct Row<'a> {
    values: &'a mut Values,
    fault: &'a mut Option<sqlx::error::BoxDynError>,
}

impl Row<'_> {
    /// The next value.
    pub fn put<'t, V: Encode<'t, engine::Db> + Type<engine::Db>>(&mut self, value: V) -> &mut Self {
        if let Err(fault) = self.values.add(value) {
            *self.fault = Some(fault);
        }
        self
    }
}

fn repeated(before: &str, places: usize, rows: usize, after: &str) -> String {
    let mut text = format!("{before}VALUES ");
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for place in 0..places {
            text.push_str(if place == 0 { "" } else { ", " });
            text.push_str(&engine::place(row * places + place + 1));
        }
        text.push(')');
    }
    text.push_str(after);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_repeated_with_a_place_for_every_value() {
        let many = Many::of("INSERT INTO t (a, b)\nVALUES ($1, $2)\nON CONFLICT (a) DO NOTHING\n");
        let [a, b, c, d] = [1, 2, 3, 4].map(engine::place);
        assert_eq!(
            &*many.of_length(2),
            format!("INSERT INTO t (a, b)\nVALUES ({a}, {b}), ({c}, {d})\nON CONFLICT (a) DO NOTHING\n")
        );
    }
}
