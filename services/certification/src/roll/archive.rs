//! The archive that a workbook is, cut down to what is read of it and found harmless before anything trusts it.
//!
//! An archive of a few bytes can hold any amount of the same, and whoever reads it believes what it says of itself: a number
//! of strings to come is memory set aside, a short name of a long text is that text many times over. So only the list of
//! sheets, the strings and the sheets are kept, each is unpacked once and gone through, and the rest, all styles and
//! pictures, never reaches the reader.

use super::book::{MOST_ROWS, damaged};
use super::reader::MOST_BOOK_BYTES;
use crate::error::Error;
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// The most that is kept may come to unpacked, in bytes.
const MOST_UNPACKED: u64 = 256 << 20;
/// The most that the list of sheets may come to: its parts are repeated for each of them.
const MOST_LISTED: u64 = 128 << 10;
/// The most elements but rows, cells and their values: each may become a string of its own.
const MOST_ELEMENTS: u32 = 4_000_000;
/// The longest tag or text, in bytes.
const LONGEST_TOKEN: usize = 1 << 20;
/// What holds the number of strings.
const STRING_COUNT: &[u8] = b"uniqueCount";

/// What a part of a workbook is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Which sheets there are, or where.
    List,
    /// Strings or a sheet.
    Content,
    /// Nothing that is read.
    Other,
}

impl Part {
    fn of(name: &str) -> Self {
        let name = plain(name);
        let is_list = is_workbook(&name) || name.starts_with("xl/_rels/");
        let is_content = name == "xl/sharedstrings.xml" || name.starts_with("xl/worksheets/");
        match () {
            () if is_list => Self::List,
            () if is_content => Self::Content,
            () => Self::Other,
        }
    }
}

/// A name as readers compare it.
fn plain(name: &str) -> String {
    name.replace('\\', "/").to_lowercase()
}

/// Some programs number the part that lists the sheets.
fn is_workbook(plain: &str) -> bool {
    let rest = plain.strip_prefix("xl/workbook").and_then(|rest| rest.strip_suffix(".xml"));
    rest.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

const fn too_large() -> Error {
    Error::RollTooLarge { bytes: MOST_BOOK_BYTES, rows: MOST_ROWS }
}

/// The same workbook with nothing in it but what is read, if that is harmless.
pub fn harmless(book: &[u8]) -> Result<Vec<u8>, Error> {
    let mut archive = ZipArchive::new(Cursor::new(book)).map_err(|_| damaged())?;
    let mut kept = ZipWriter::new(Cursor::new(Vec::new()));
    let mut measure = Measure { bytes: MOST_UNPACKED, elements: MOST_ELEMENTS };
    let mut workbook = None;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|_| damaged())?;
        let name = part.name().map_err(|_| damaged())?.into_owned();
        match Part::of(&name) {
            Part::Other => continue,
            Part::List => measure_list(part)?,
            Part::Content => measure.content(part)?,
        }
        if is_workbook(&plain(&name)) {
            workbook.get_or_insert(name);
        }
        let part = archive.by_index_raw(place).map_err(|_| damaged())?;
        kept.raw_copy_file(part).map_err(|_| damaged())?;
    }
    let root = root(&workbook.ok_or_else(damaged)?);
    let told = kept.start_file("_rels/.rels", SimpleFileOptions::default());
    told.map_err(|_| damaged())?;
    kept.write_all(root.as_bytes()).map_err(|_| damaged())?;
    Ok(kept.finish().map_err(|_| damaged())?.into_inner())
}

/// Where a reader finds the list of sheets.
fn root(workbook: &str) -> String {
    format!(
        "<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/\
         relationships/officeDocument\" Target=\"{}\"/></Relationships>",
        workbook.replace('\\', "/")
    )
}

fn measure_list(part: impl Read) -> Result<(), Error> {
    let size = std::io::copy(&mut part.take(MOST_LISTED + 1), &mut std::io::sink());
    if size.map_err(|_| damaged())? > MOST_LISTED { Err(too_large()) } else { Ok(()) }
}

/// What all parts of content together may still come to.
struct Measure {
    bytes: u64,
    elements: u32,
}

impl Measure {
    fn content(&mut self, part: impl Read) -> Result<(), Error> {
        let mut walk = Walk::through(self.elements);
        let size = std::io::copy(&mut part.take(self.bytes + 1), &mut walk);
        if let Some(fault) = walk.fault {
            return Err(fault);
        }
        self.bytes = self.bytes.checked_sub(size.map_err(|_| damaged())?).ok_or_else(too_large)?;
        self.elements = walk.elements;
        Ok(())
    }
}

/// Where the walk stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Text,
    /// In a tag, and still in its name.
    Name,
    /// Behind the name.
    Tag,
    /// In a value in quotes of this kind.
    Value(u8),
    /// In `<?…?>`.
    Instruction,
}

/// Goes through the text of a part as readers cut it up, and keeps nothing. Sheets hold no comments, no declarations and no
/// `CDATA`, which could hide anything.
struct Walk {
    at: At,
    before: u8,
    token: usize,
    name: Vec<u8>,
    elements: u32,
    /// How much of the attribute's name that tells the number of strings was read.
    matched: usize,
    /// The number of strings so far, while it is read.
    strings: Option<u64>,
    fault: Option<Error>,
}

impl Write for Walk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        for byte in bytes {
            if let Err(fault) = self.step(*byte) {
                self.fault = Some(fault);
                return Err(std::io::ErrorKind::InvalidData.into());
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Walk {
    const fn through(elements: u32) -> Self {
        let name = Vec::new();
        Self { at: At::Text, before: 0, token: 0, name, elements, matched: 0, strings: None, fault: None }
    }

    fn step(&mut self, byte: u8) -> Result<(), Error> {
        self.token += 1;
        if self.token > LONGEST_TOKEN {
            return Err(too_large());
        }
        self.at = match (self.at, byte) {
            // Text of two bytes a letter could hide anything, too.
            (_, 0) => return Err(damaged()),
            (At::Text, b'<') => {
                self.name.clear();
                self.cut(At::Name)
            }
            (At::Name, b'!') if self.name.is_empty() => return Err(damaged()),
            (At::Name, b'?') if self.name.is_empty() => At::Instruction,
            (At::Name, b'>' | b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'') => {
                self.count_element()?;
                self.behind_name(byte)
            }
            (At::Name, _) => {
                self.name.push(byte);
                At::Name
            }
            (At::Tag, _) => self.behind_name(byte),
            (At::Value(quote), _) if byte == quote => {
                self.strings = None;
                At::Tag
            }
            // `<?>` is none yet for some, and one for others.
            (At::Instruction, b'>') if self.before == b'?' && self.token > 2 => self.cut(At::Text),
            (at, _) => at,
        };
        self.before = byte;
        self.count_strings(byte)
    }

    const fn behind_name(&mut self, byte: u8) -> At {
        match byte {
            b'>' => self.cut(At::Text),
            b'"' | b'\'' => At::Value(byte),
            _ => At::Tag,
        }
    }

    const fn cut(&mut self, at: At) -> At {
        self.token = 0;
        self.strings = None;
        at
    }

    fn count_element(&mut self) -> Result<(), Error> {
        let name = self.name.strip_suffix(b"/").unwrap_or(&self.name);
        let local = name.rsplit(|byte| *byte == b':').next().unwrap_or_default();
        if !name.starts_with(b"/") && !matches!(local, b"row" | b"c" | b"v" | b"f" | b"is") {
            self.elements = self.elements.checked_sub(1).ok_or_else(too_large)?;
        }
        Ok(())
    }

    /// Holds the number of strings that a part announces against what it may have.
    fn count_strings(&mut self, byte: u8) -> Result<(), Error> {
        if !matches!(self.at, At::Tag | At::Value(_)) {
            self.matched = 0;
            return Ok(());
        }
        self.matched = match STRING_COUNT.get(self.matched) {
            Some(next) if *next == byte => self.matched + 1,
            _ => usize::from(STRING_COUNT.first() == Some(&byte)),
        };
        if self.matched == STRING_COUNT.len() {
            (self.matched, self.strings) = (0, Some(0));
        } else if let Some(strings) = self.strings
            && byte.is_ascii_digit()
        {
            let strings = strings.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
            if strings > u64::from(MOST_ELEMENTS) {
                return Err(too_large());
            }
            self.strings = Some(strings);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
