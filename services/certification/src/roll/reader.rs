//! Turns the bytes of a roll into rows, whatever kind of file it is.

use super::dialect::{Dialect, SEPARATORS};
use super::{RawRow, Table};
use crate::error::Error;
use greenroom_domain::certification::port::{RollEncoding, RollFormat};

/// How many bytes are looked at to tell what the header does not say.
const PREFIX: usize = 64 * 1024;
/// How the archive that a workbook is begins.
const ARCHIVE: &[u8] = b"PK\x03\x04";
/// The largest workbook accepted, in bytes: it is read as a whole.
pub const MOST_BOOK_BYTES: u64 = 32 << 20;

/// What the header says of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// What kind of file it is.
    pub format: Option<RollFormat>,
    /// How its text is encoded.
    pub encoding: Option<RollEncoding>,
    /// What separates its fields.
    pub separator: Option<u8>,
}

impl Said {
    /// The separator of that text, if it is one.
    pub fn separator(text: &str) -> Result<Option<u8>, &'static str> {
        match text.as_bytes() {
            [] => Ok(None),
            [byte] if SEPARATORS.contains(byte) => Ok(Some(*byte)),
            _ => Err("must be a comma, a semicolon or a tab"),
        }
    }
}

enum Kind {
    /// Not known yet.
    Unknown,
    /// Separated values.
    Csv(Box<Table>),
    /// A workbook.
    Xlsx,
}

/// Reads a roll.
pub struct Reader {
    said: Said,
    kind: Kind,
    encoding: Option<RollEncoding>,
    /// What waits: the beginning until the kind is known, later what `rows` had no place for; of a workbook everything.
    waiting: Vec<u8>,
}

impl Reader {
    /// Nothing read yet.
    pub const fn new(said: Said) -> Self {
        Self { said, kind: Kind::Unknown, encoding: None, waiting: Vec::new() }
    }

    /// Reads the next bytes, until they end or enough rows wait in `rows`, and tells how many it read.
    pub fn push(&mut self, bytes: &[u8], rows: &mut Vec<RawRow>) -> Result<usize, Error> {
        match &mut self.kind {
            Kind::Unknown => {
                let read = bytes.len().min(PREFIX - self.waiting.len());
                self.waiting.extend(bytes.iter().take(read));
                if self.waiting.len() >= PREFIX {
                    self.decide(false);
                }
                Ok(read)
            }
            Kind::Csv(table) => {
                let read = table.push(&self.waiting, rows)?;
                self.waiting.drain(..read);
                if self.waiting.is_empty() { Ok(table.push(bytes, rows)?) } else { Ok(0) }
            }
            Kind::Xlsx => {
                self.waiting.extend(bytes);
                if self.waiting.len() as u64 > MOST_BOOK_BYTES {
                    return Err(Error::RollTooLarge { bytes: MOST_BOOK_BYTES, rows: super::book::MOST_ROWS });
                }
                Ok(bytes.len())
            }
        }
    }

    /// Whether enough rows wait.
    pub fn is_full(&self, rows: &[RawRow]) -> bool {
        matches!(&self.kind, Kind::Csv(table) if table.is_full(rows))
    }

    /// The file has ended. To be called until it answers that nothing waits any more; rows have to be taken in between.
    pub fn finish(&mut self, rows: &mut Vec<RawRow>) -> Result<bool, Error> {
        if matches!(self.kind, Kind::Unknown) {
            self.decide(true);
        }
        if let Kind::Csv(table) = &mut self.kind {
            let read = table.push(&self.waiting, rows)?;
            self.waiting.drain(..read);
            if !self.waiting.is_empty() {
                return Ok(false);
            }
            table.finish(rows)?;
        }
        Ok(true)
    }

    /// The workbook, if the file was one and has ended.
    pub fn workbook(&mut self) -> Option<Vec<u8>> {
        matches!(self.kind, Kind::Xlsx).then(|| std::mem::take(&mut self.waiting))
    }

    /// What kind of file it is, once that is known.
    pub const fn format(&self) -> Option<RollFormat> {
        match self.kind {
            Kind::Unknown => None,
            Kind::Csv(_) => Some(RollFormat::Csv),
            Kind::Xlsx => Some(RollFormat::Xlsx),
        }
    }

    /// How its text is encoded, once that is known and if it says anything.
    pub const fn encoding(&self) -> Option<RollEncoding> {
        self.encoding
    }

    fn decide(&mut self, whole: bool) {
        let told = || if self.waiting.starts_with(ARCHIVE) { RollFormat::Xlsx } else { RollFormat::Csv };
        self.kind = match self.said.format.unwrap_or_else(told) {
            RollFormat::Xlsx => Kind::Xlsx,
            RollFormat::Csv => {
                let dialect = Dialect::of(&self.waiting, whole, self.said.encoding, self.said.separator);
                self.encoding = Some(dialect.encoding);
                Kind::Csv(Box::new(Table::new(dialect)))
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roll::Field;

    fn read(bytes: &[u8], step: usize) -> (Vec<RawRow>, Option<RollEncoding>) {
        let (mut reader, mut waiting, mut rows) = (Reader::new(Said::default()), Vec::new(), Vec::new());
        for chunk in bytes.chunks(step) {
            let mut rest = chunk;
            while !rest.is_empty() {
                rest = &rest[reader.push(rest, &mut waiting).unwrap()..];
                assert!(waiting.len() <= 1000);
                rows.append(&mut waiting);
            }
        }
        while !reader.finish(&mut waiting).unwrap() {
            assert!(waiting.len() <= 1000);
            rows.append(&mut waiting);
        }
        rows.append(&mut waiting);
        (rows, reader.encoding())
    }

    #[test]
    fn a_file_in_gb_18030_is_read_like_the_same_in_utf_8_however_it_is_cut() {
        let text = "姓名;工种\r\n".to_owned() + &"\"测试·㐀𠀀\";直播销售员\r\n".repeat(4000);
        let gb = encoding_rs::GB18030.encode(&text).0;
        let (rows, encoding) = read(text.as_bytes(), 777);
        assert_eq!((rows.len(), encoding), (4001, Some(RollEncoding::Utf8)));
        assert_eq!(rows[4000].fields[0], Field::Text("测试·㐀𠀀".to_owned()));
        for step in [1, 333, 100_000] {
            assert_eq!(read(&gb, step), (rows.clone(), Some(RollEncoding::Gb18030)), "{step}");
        }
    }

    #[test]
    fn many_short_rows_before_the_kind_is_known_do_not_pile_up() {
        let (rows, _) = read("a\n".repeat(50_000).as_bytes(), 5000);
        assert_eq!(rows.len(), 50_000);
    }

    #[test]
    fn an_archive_is_a_workbook_and_ends_at_its_limit() {
        let mut reader = Reader::new(Said::default());
        let mut rows = Vec::new();
        let chunk = [ARCHIVE, &vec![0; PREFIX]].concat();
        let mut left = MOST_BOOK_BYTES;
        loop {
            match reader.push(&chunk, &mut rows) {
                Ok(read) => left -= read as u64,
                Err(error) => {
                    assert!(matches!(error, Error::RollTooLarge { bytes: MOST_BOOK_BYTES, .. }));
                    assert!(left < chunk.len() as u64);
                    return;
                }
            }
        }
    }
}
