//! Comma-separated values, read as the bytes come in, in constant memory: a field is kept up to its limit, a row up to
//! a number of fields, and the reader pauses while enough rows wait, whatever the file holds.
//!
//! RFC 4180 lets a quoted field run over line breaks. Rolls have no such field, and one stray quote would swallow all rows
//! up to the next one without a word; so a quote that is open at the end of its line is refused.
//!
//! Rows are cut before they are decoded: neither in UTF-8 nor in GB 18030 does a separator, a quote or a line break occur
//! inside another character.

use super::dialect::Dialect;

/// The longest field kept, in bytes.
const LONGEST_FIELD: usize = 4096;
/// How many fields of a row are kept. More are only counted.
const MOST_FIELDS: usize = 64;

/// How many rows are read before the reader pauses.
const ENOUGH_ROWS: usize = 1000;
/// How many bytes the rows may hold before the reader pauses.
const ENOUGH_BYTES: usize = 1 << 20;
/// What a field costs beside its bytes.
const FIELD_COST: usize = std::mem::size_of::<Field>();
/// What some programs put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// One field of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Text.
    Text(String),
    /// A number of a spreadsheet, as short as it can be written. What it stood for may have had more digits.
    Number(String),
    /// An error of a spreadsheet, such as `#REF!`.
    Fault,
    /// Bytes that the encoding does not know.
    Undecodable,
    /// More than any value has.
    TooLong,
}

/// One row as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRow {
    /// Its number; the heading is row 1. Empty lines do not count.
    pub row: i64,
    /// How many fields it has.
    pub count: usize,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A quote that is still open at the end of its line, in the row with this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteOpen(pub i64);

/// Where the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// At the beginning of a field.
    Start,
    /// Inside a field without quotes.
    Plain,
    /// Inside quotes.
    Quoted,
    /// Behind a quote inside quotes: the end of the field, or half of a doubled quote.
    Closing,
}

/// Turns bytes into rows.
pub struct Table {
    at: At,
    field: Vec<u8>,
    long: bool,
    fields: Vec<Field>,
    count: usize,
    row: i64,
    held: usize,
    dialect: Dialect,
}

impl Table {
    /// Nothing read yet of a file that is written like this.
    pub const fn new(dialect: Dialect) -> Self {
        let at = At::Start;
        Self { at, field: Vec::new(), long: false, fields: Vec::new(), count: 0, row: 0, held: 0, dialect }
    }

    /// Reads the next bytes, until they end or enough rows wait in `rows`, and tells how many it read. Rows that became
    /// whole are added to `rows`; take them before the next call.
    pub fn push(&mut self, bytes: &[u8], rows: &mut Vec<RawRow>) -> Result<usize, QuoteOpen> {
        if rows.is_empty() {
            self.held = 0;
        }
        for (place, byte) in bytes.iter().enumerate() {
            if self.is_full(rows) {
                return Ok(place);
            }
            self.step(*byte, rows)?;
        }
        Ok(bytes.len())
    }

    /// Whether enough rows wait.
    pub const fn is_full(&self, rows: &[RawRow]) -> bool {
        rows.len() >= ENOUGH_ROWS || (self.held >= ENOUGH_BYTES && !rows.is_empty())
    }

    /// The file has ended: the last row may lack its line break.
    pub fn finish(&mut self, rows: &mut Vec<RawRow>) -> Result<(), QuoteOpen> {
        if self.at == At::Quoted {
            return Err(self.open());
        }
        self.end_line(rows);
        Ok(())
    }

    fn step(&mut self, byte: u8, rows: &mut Vec<RawRow>) -> Result<(), QuoteOpen> {
        match (self.at, byte) {
            (At::Quoted, b'"') => self.at = At::Closing,
            (At::Quoted, b'\r' | b'\n') => return Err(self.open()),
            (At::Quoted, _) => self.keep(byte),
            (At::Start, b'"') => self.at = At::Quoted,
            (At::Plain, b'"') if self.is_mark() => {
                self.field.clear();
                self.at = At::Quoted;
            }
            (At::Closing, b'"') => {
                self.keep(byte);
                self.at = At::Quoted;
            }
            (_, byte) if byte == self.dialect.separator => self.end_field(),
            (_, b'\r' | b'\n') => self.end_line(rows),
            (_, _) => {
                self.keep(byte);
                self.at = At::Plain;
            }
        }
        Ok(())
    }

    const fn open(&self) -> QuoteOpen {
        QuoteOpen(self.row + 1)
    }

    /// Whether nothing but a byte order mark was read so far.
    fn is_mark(&self) -> bool {
        self.row == 0 && self.count == 0 && self.field == BYTE_ORDER_MARK
    }

    fn keep(&mut self, byte: u8) {
        if self.field.len() < LONGEST_FIELD {
            self.field.push(byte);
        } else {
            self.long = true;
        }
    }

    fn end_field(&mut self) {
        self.at = At::Start;
        let bytes = std::mem::take(&mut self.field);
        self.count += 1;
        let long = std::mem::take(&mut self.long);
        if self.fields.len() >= MOST_FIELDS {
            return;
        }
        self.held += FIELD_COST + if long { 0 } else { bytes.len() };
        let text = if long { None } else { self.dialect.decode(bytes) };
        self.fields.push(match text {
            _ if long => Field::TooLong,
            Some(text) => Field::Text(text),
            None => Field::Undecodable,
        });
    }

    fn end_line(&mut self, rows: &mut Vec<RawRow>) {
        if self.at == At::Start && self.count == 0 {
            return;
        }
        self.end_field();
        self.row += 1;
        let (count, fields) = (std::mem::take(&mut self.count), std::mem::take(&mut self.fields));
        rows.push(RawRow { row: self.row, count, fields });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(bytes: &[u8], step: usize) -> Result<Vec<RawRow>, QuoteOpen> {
        let (mut table, mut waiting, mut rows) = (Table::new(Dialect::PLAIN), Vec::new(), Vec::new());
        for chunk in bytes.chunks(step) {
            let mut rest = chunk;
            while !rest.is_empty() {
                rest = &rest[table.push(rest, &mut waiting)?..];
                assert!(waiting.len() <= ENOUGH_ROWS && table.held < ENOUGH_BYTES + MOST_FIELDS * 5000);
                rows.append(&mut waiting);
            }
        }
        table.finish(&mut rows)?;
        Ok(rows)
    }

    fn read(bytes: &[u8], step: usize) -> Vec<RawRow> {
        attempt(bytes, step).unwrap()
    }

    #[test]
    fn rows_are_the_same_however_the_bytes_are_cut() {
        let file = "姓名,工种\r\n\"测试,甲\",直播销售员\n\n乙,\"选\"\"品\"\"员\"".as_bytes();
        let whole = read(file, file.len());
        assert_eq!(whole.len(), 3);
        assert_eq!(whole[1].fields[0], Field::Text("测试,甲".to_owned()));
        assert_eq!(
            whole[2],
            RawRow {
                row: 3,
                count: 2,
                fields: vec![Field::Text("乙".to_owned()), Field::Text("选\"品\"员".to_owned())],
            }
        );
        for step in 1..20 {
            assert_eq!(read(file, step), whole, "{step}");
        }
    }

    #[test]
    fn bytes_of_another_encoding_spoil_their_field_only() {
        let rows = read(b"a,b\n\xb2\xe2\xca\xd4,x\ny,z\n", 3);
        assert_eq!(rows[1].fields, [Field::Undecodable, Field::Text("x".to_owned())]);
        assert_eq!(rows[2].fields[0], Field::Text("y".to_owned()));
    }

    #[test]
    fn an_endless_field_is_counted_and_not_kept() {
        let file = format!("a,b\n{},x\ny,z\n", "9".repeat(100_000));
        let rows = read(file.as_bytes(), 777);
        assert_eq!(rows[1].fields, [Field::TooLong, Field::Text("x".to_owned())]);
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn a_row_of_very_many_fields_is_counted_and_not_kept() {
        let rows = read(",".repeat(1000).as_bytes(), 64);
        assert_eq!((rows[0].count, rows[0].fields.len()), (1001, MOST_FIELDS));
    }

    #[test]
    fn a_quote_left_open_is_told_with_its_row_and_swallows_nothing() {
        let whole = "a,b\n\n1,2\n";
        for rest in ["\"3,4\n5,6\n7\",8\n", "3,\"4", "\"3,4\r\n5,6\r\n", "3,\"4\"\"\n5,6\n"] {
            for step in [1, 3, 100] {
                assert_eq!(attempt(format!("{whole}{rest}").as_bytes(), step), Err(QuoteOpen(3)), "{rest}");
            }
        }
    }

    #[test]
    fn a_quote_inside_a_field_or_behind_its_end_is_part_of_it() {
        let rows = read(b"a\"b,\"c\"d\ne,f", 2);
        let texts = |row: usize| rows[row].fields.clone();
        assert_eq!(texts(0), ["a\"b", "cd"].map(|text| Field::Text(text.to_owned())));
        assert_eq!(texts(1), ["e", "f"].map(|text| Field::Text(text.to_owned())));
    }

    #[test]
    fn the_first_heading_may_stand_in_quotes_behind_a_byte_order_mark() {
        for step in [1, 2, 50] {
            let rows = read("\u{feff}\"姓名\",\"工种\"\r\n".as_bytes(), step);
            assert_eq!(rows[0].fields[0], Field::Text("姓名".to_owned()));
        }
    }

    #[test]
    fn the_reader_pauses_where_enough_rows_wait_and_leaves_the_rest() {
        let (mut table, mut rows) = (Table::new(Dialect::PLAIN), Vec::new());
        let lines = "a\n".repeat(3000);
        assert_eq!(table.push(lines.as_bytes(), &mut rows), Ok(2 * ENOUGH_ROWS));
        assert!(table.is_full(&rows));
        let (mut table, mut rows) = (Table::new(Dialect::PLAIN), Vec::new());
        let wide = format!("{}\n", format!("{},", "x".repeat(4000)).repeat(60)).repeat(20);
        assert!(table.push(wide.as_bytes(), &mut rows).unwrap() < wide.len() && rows.len() < 7);
    }
}
