//! How a file of separated values is written, as its first bytes tell.

use encoding_rs::GB18030;
use greenroom_domain::certification::RollColumn;
use greenroom_domain::certification::port::RollEncoding;

/// What some programs put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// What may stand between fields.
pub const SEPARATORS: [u8; 3] = *b",;\t";

/// How a file of separated values is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// How its text is encoded.
    pub encoding: RollEncoding,
    /// What stands between its fields.
    pub separator: u8,
}

impl Dialect {
    /// UTF-8 with commas.
    #[cfg(test)]
    pub const PLAIN: Self = Self { encoding: RollEncoding::Utf8, separator: b',' };

    /// Tells from the first bytes of a file what was not said. `whole` is whether there are no more.
    ///
    /// A heading with a Chinese column settles the encoding: hardly a byte of GB 18030 is UTF-8 as well. Where the heading
    /// is English, all of these bytes are asked; where both fit, or neither, it is UTF-8, and what does not fit becomes a
    /// finding of its row.
    pub fn of(bytes: &[u8], whole: bool, encoding: Option<RollEncoding>, separator: Option<u8>) -> Self {
        let encoding = encoding.unwrap_or_else(|| encoding_of(bytes, whole));
        let separator = separator.unwrap_or_else(|| separator_of(heading(bytes), encoding));
        Self { encoding, separator }
    }

    /// The text of one field, if its bytes are of the encoding.
    pub fn decode(self, bytes: Vec<u8>) -> Option<String> {
        match self.encoding {
            RollEncoding::Utf8 => String::from_utf8(bytes).ok(),
            RollEncoding::Gb18030 => GB18030
                .decode_without_bom_handling_and_without_replacement(&bytes)
                .map(std::borrow::Cow::into_owned),
        }
    }
}

fn heading(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut lines = bytes.split(|byte| matches!(byte, b'\r' | b'\n'));
    lines.find(|line| !line.is_empty()).unwrap_or_default()
}

fn encoding_of(bytes: &[u8], whole: bool) -> RollEncoding {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return RollEncoding::Utf8;
    }
    let heading = heading(bytes);
    // What is cut off may end inside a character.
    let cut = if whole { bytes.len() } else { bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0) };
    let asked = if heading.is_ascii() { bytes.get(..cut).unwrap_or(bytes) } else { heading };
    let gb = || GB18030.decode_without_bom_handling_and_without_replacement(asked).is_some();
    if std::str::from_utf8(asked).is_err() && gb() { RollEncoding::Gb18030 } else { RollEncoding::Utf8 }
}

/// The separator that parts the heading into most columns that are known; the comma if none does.
fn separator_of(heading: &[u8], encoding: RollEncoding) -> u8 {
    let columns = |separator: u8| {
        let fields = heading.split(|byte| *byte == separator);
        let dialect = Dialect { encoding, separator };
        let texts = fields.filter_map(|field| dialect.decode(field.to_vec()));
        texts.filter(|text| RollColumn::from_heading(text.trim().trim_matches('"')).is_some()).count()
    };
    let known = SEPARATORS.map(|separator| (columns(separator), separator));
    let best = known.into_iter().reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map_or(b',', |(_, separator)| separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "姓名,证件类型,证件号码,工种,职业技能等级,证书编号,发证日期\n";

    fn told(bytes: &[u8]) -> (RollEncoding, u8) {
        let Dialect { encoding, separator } = Dialect::of(bytes, true, None, None);
        (encoding, separator)
    }

    fn gb(text: &str) -> Vec<u8> {
        GB18030.encode(text).0.into_owned()
    }

    #[test]
    fn a_chinese_heading_tells_the_encoding_whatever_stands_below() {
        let spoilt = [HEADING.as_bytes(), b"\xb2\xe2,\xff\xff\n"].concat();
        assert_eq!(told(&spoilt), (RollEncoding::Utf8, b','));
        let spoilt = [gb(HEADING), b"\xff\xff,x\n".to_vec()].concat();
        assert_eq!(told(&spoilt), (RollEncoding::Gb18030, b','));
    }

    #[test]
    fn below_an_english_heading_the_rows_tell_it() {
        let file = "name,level\n测试,三级\n";
        assert_eq!(told(file.as_bytes()).0, RollEncoding::Utf8);
        assert_eq!(told(&gb(file)).0, RollEncoding::Gb18030);
        assert_eq!(told(b"name,level\nx,3\n").0, RollEncoding::Utf8);
        let cut = &file.as_bytes()[..file.len() - 2];
        assert_eq!(
            Dialect::of(cut, false, None, None).encoding,
            RollEncoding::Utf8,
            "cut inside a character"
        );
    }

    #[test]
    fn a_byte_order_mark_settles_it_and_what_is_said_outranks_everything() {
        let marked = [BYTE_ORDER_MARK, b"name\n\xb2\xe2\n"].concat();
        assert_eq!(told(&marked).0, RollEncoding::Utf8);
        let said = Dialect::of(HEADING.as_bytes(), true, Some(RollEncoding::Gb18030), Some(b';'));
        assert_eq!((said.encoding, said.separator), (RollEncoding::Gb18030, b';'));
    }

    #[test]
    fn the_separator_is_the_one_that_parts_the_heading() {
        for (separator, told_separator) in [(",", b','), (";", b';'), ("\t", b'\t')] {
            let heading = HEADING.replace(',', separator);
            assert_eq!(told(heading.as_bytes()).1, told_separator);
            assert_eq!(told(&gb(&heading)).1, told_separator);
        }
    }
}
