//! Comma-separated values, read as the bytes come in, in constant memory: a field is kept up to its limit, a row up to
//! a number of fields, whatever the file holds.

use csv_core::ReadFieldResult;

/// The longest field kept, in bytes.
const LONGEST_FIELD: usize = 4096;
/// How many fields of a row are kept. More are only counted.
const MOST_FIELDS: usize = 64;

/// One field of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Text.
    Text(String),
    /// Bytes that are not UTF-8.
    NotUtf8,
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

/// Turns bytes into rows.
pub struct Table {
    core: csv_core::Reader,
    field: Vec<u8>,
    long: bool,
    fields: Vec<Field>,
    count: usize,
    row: i64,
}

impl Default for Table {
    fn default() -> Self {
        Self::new()
    }
}

impl Table {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self {
            core: csv_core::Reader::new(),
            field: Vec::new(),
            long: false,
            fields: Vec::new(),
            count: 0,
            row: 0,
        }
    }

    /// Reads the next bytes; rows that became whole are added to `rows`.
    pub fn push(&mut self, mut bytes: &[u8], rows: &mut Vec<RawRow>) {
        while !bytes.is_empty() {
            let read = self.step(bytes, rows);
            bytes = bytes.get(read..).unwrap_or_default();
        }
    }

    /// The file has ended: the last row may lack its line break.
    pub fn finish(&mut self, rows: &mut Vec<RawRow>) {
        let mut output = [0; 1024];
        loop {
            let (result, _, written) = self.core.read_field(&[], &mut output);
            self.keep(output.get(..written).unwrap_or_default());
            match result {
                ReadFieldResult::Field { record_end } => self.end_field(record_end, rows),
                ReadFieldResult::OutputFull => {}
                ReadFieldResult::InputEmpty | ReadFieldResult::End => return,
            }
        }
    }

    fn step(&mut self, bytes: &[u8], rows: &mut Vec<RawRow>) -> usize {
        let mut output = [0; 1024];
        let (result, read, written) = self.core.read_field(bytes, &mut output);
        self.keep(output.get(..written).unwrap_or_default());
        if let ReadFieldResult::Field { record_end } = result {
            self.end_field(record_end, rows);
        }
        read
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.field.len() + bytes.len() > LONGEST_FIELD {
            self.long = true;
        } else if !self.long {
            self.field.extend_from_slice(bytes);
        }
    }

    fn end_field(&mut self, record_end: bool, rows: &mut Vec<RawRow>) {
        let bytes = std::mem::take(&mut self.field);
        let field = match (std::mem::take(&mut self.long), String::from_utf8(bytes)) {
            (true, _) => Field::TooLong,
            (false, Ok(text)) => Field::Text(text),
            (false, Err(_)) => Field::NotUtf8,
        };
        self.count += 1;
        if self.fields.len() < MOST_FIELDS {
            self.fields.push(field);
        }
        if record_end {
            self.row += 1;
            let (count, fields) = (std::mem::take(&mut self.count), std::mem::take(&mut self.fields));
            rows.push(RawRow { row: self.row, count, fields });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], step: usize) -> Vec<RawRow> {
        let (mut table, mut rows) = (Table::new(), Vec::new());
        for chunk in bytes.chunks(step) {
            table.push(chunk, &mut rows);
        }
        table.finish(&mut rows);
        rows
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
        assert_eq!(rows[1].fields, [Field::NotUtf8, Field::Text("x".to_owned())]);
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
}
