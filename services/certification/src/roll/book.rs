//! A sheet of a workbook, row by row.
//!
//! A workbook is an archive and has to be there as a whole.

use super::archive::harmless;
use super::{Field, RawRow};
use crate::error::Error;
use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType, Reader as _, Xlsx};
use greenroom_domain::certification::RollColumn;
use std::io::Cursor;
use tokio::sync::mpsc::Sender;

use super::reader::MOST_BOOK_BYTES;

/// The most rows of a workbook accepted.
pub const MOST_ROWS: i64 = 200_000;
/// The most rows and columns that a sheet has, whatever is in them.
const SHEET: (u32, u32) = (1 << 20, 1 << 14);
/// How many rows are handed over at once.
const ENOUGH_ROWS: usize = 1000;
/// How many fields of a row are kept. More are only counted.
const MOST_FIELDS: usize = 64;
/// The longest field kept, in bytes.
const LONGEST_FIELD: usize = 4096;

/// Reads a sheet, the first if none is named, and hands its rows over until they end or nobody takes them.
///
/// Rows are numbered as the sheet shows them. Empty ones do not count. A sheet whose rows or cells do not stand in their
/// order is damaged: where a field belongs would be guessed.
pub fn read(book: Vec<u8>, sheet: &str, rows: &Sender<Vec<RawRow>>) -> Result<(), Error> {
    let kept = harmless(&book)?;
    drop(book);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(kept)).map_err(|_| damaged())?;
    let dates_from_1904 = book.has_1904_epoch();
    let names = book.sheet_names();
    let name = if sheet.is_empty() { names.first() } else { names.iter().find(|name| *name == sheet) };
    let Some(name) = name.cloned() else {
        let said = format!("the workbook has no sheet `{}`", sheet.chars().take(40).collect::<String>());
        return Err(Error::RollUnreadable("sheet_missing", said));
    };
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| damaged())?;
    let waiting = Vec::new();
    let mut out = Out { rows, waiting, current: None, count: 0, date_column: None, width: 0, last: None };
    while let Some(cell) = cells.next_cell().map_err(|_| damaged())? {
        let (row, column) = cell.get_position();
        if !out.is_next(row, column) {
            return Err(damaged());
        }
        let date = out.date_column == Some(column);
        let Some(field) = field(cell.get_value(), date, dates_from_1904) else { continue };
        if !out.put(row, column, field)? {
            return Ok(());
        }
    }
    out.finish()
}

/// A workbook that cannot be read.
pub fn damaged() -> Error {
    Error::RollUnreadable(
        "workbook_damaged",
        "the workbook cannot be read: it is damaged or locked".to_owned(),
    )
}

/// What a cell says; nothing if it is empty.
fn field(value: &DataRef<'_>, date: bool, dates_from_1904: bool) -> Option<Field> {
    let text = |text: &str| match text.len() {
        0 => None,
        length if length > LONGEST_FIELD => Some(Field::TooLong),
        _ => Some(Field::Text(text.to_owned())),
    };
    match value {
        DataRef::Empty => None,
        DataRef::String(said) | DataRef::DurationIso(said) => text(said),
        DataRef::SharedString(said) => text(said),
        // The day, without a time of day.
        DataRef::DateTimeIso(said) => text(said.split('T').next().unwrap_or(said)),
        DataRef::DateTime(at) => Some(Field::Text(day(at))),
        DataRef::Int(number) => Some(Field::Number(number.to_string())),
        DataRef::Float(number) if date && is_serial(*number) => {
            let at = ExcelDateTime::new(*number, ExcelDateTimeType::DateTime, dates_from_1904);
            Some(Field::Text(day(&at)))
        }
        DataRef::Float(number) => Some(Field::Number(number.to_string())),
        DataRef::Bool(said) => Some(Field::Number(said.to_string())),
        DataRef::Error(_) => Some(Field::Fault),
    }
}

/// Whether a number in a column of dates is a day as spreadsheets count them, and not one written `20240506`.
fn is_serial(number: f64) -> bool {
    (1.0..1_000_000.0).contains(&number)
}

fn day(at: &ExcelDateTime) -> String {
    let (year, month, day, ..) = at.to_ymd_hms_milli();
    format!("{year:04}-{month:02}-{day:02}")
}

/// The rows on their way out.
struct Out<'a> {
    rows: &'a Sender<Vec<RawRow>>,
    waiting: Vec<RawRow>,
    current: Option<RawRow>,
    count: i64,
    date_column: Option<u32>,
    width: usize,
    /// The row and column of the last cell.
    last: Option<(u32, u32)>,
}

impl Out<'_> {
    /// Whether a cell stands where there are any, and behind the one before it.
    fn is_next(&mut self, row: u32, column: u32) -> bool {
        let place = Some((row, column));
        place > self.last.replace((row, column)) && row < SHEET.0 && column < SHEET.1
    }

    /// Puts a field where it stands. Tells whether anybody still takes rows.
    fn put(&mut self, row: u32, column: u32, field: Field) -> Result<bool, Error> {
        let number = i64::from(row) + 1;
        if self.current.as_ref().is_some_and(|current| current.row != number) && !self.end_row()? {
            return Ok(false);
        }
        if self.count == 0 && matches!(&field, Field::Text(text) if is_date_heading(text)) {
            self.date_column = Some(column);
        }
        let current =
            self.current.get_or_insert_with(|| RawRow { row: number, count: 0, fields: Vec::new() });
        let place = usize::try_from(column).unwrap_or(usize::MAX);
        current.count = current.count.max(place.saturating_add(1));
        if place < MOST_FIELDS {
            while current.fields.len() < place {
                current.fields.push(Field::Text(String::new()));
            }
            current.fields.push(field);
        }
        Ok(true)
    }

    fn end_row(&mut self) -> Result<bool, Error> {
        let Some(mut row) = self.current.take() else { return Ok(true) };
        if self.count == 0 {
            self.width = row.count;
        }
        self.count += 1;
        if self.count > MOST_ROWS + 1 {
            return Err(Error::RollTooLarge { bytes: MOST_BOOK_BYTES, rows: MOST_ROWS });
        }
        // A sheet does not tell empty cells at the end of a row.
        while row.fields.len() < self.width.min(MOST_FIELDS) {
            row.fields.push(Field::Text(String::new()));
        }
        row.count = row.count.max(self.width);
        self.waiting.push(row);
        if self.waiting.len() < ENOUGH_ROWS {
            return Ok(true);
        }
        Ok(self.rows.blocking_send(std::mem::take(&mut self.waiting)).is_ok())
    }

    fn finish(mut self) -> Result<(), Error> {
        self.end_row()?;
        // Nobody there any more is nobody to tell.
        drop(self.rows.blocking_send(self.waiting));
        Ok(())
    }
}

fn is_date_heading(text: &str) -> bool {
    RollColumn::from_heading(text) == Some(RollColumn::IssueDate)
}
