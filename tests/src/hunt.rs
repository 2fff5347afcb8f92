//! The hunt for names and document numbers: in the bytes of databases, logs and errors, however they are written there.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::BTreeSet;
use std::fmt;

/// Shorter ones would be found by chance in what is encrypted.
const SHORTEST: usize = 6;

/// A word in a place where it must not be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Find {
    /// Where it is.
    pub place: String,
    /// How it is written there.
    pub form: &'static str,
    /// The word.
    pub word: String,
}

impl fmt::Display for Find {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({}) in {}", self.word, self.form, self.place)
    }
}

/// Words that must not be found.
pub struct Hunt {
    finder: AhoCorasick,
    /// The form and the word of each pattern.
    prey: Vec<(&'static str, String)>,
}

impl Hunt {
    /// A hunt for these words.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a String>) -> Self {
        let (mut patterns, mut prey) = (Vec::new(), Vec::new());
        for word in words {
            let forms = forms(word).into_iter().filter(|(_, pattern)| pattern.len() >= SHORTEST);
            let known: BTreeSet<(String, &'static str)> = forms.map(|(form, text)| (text, form)).collect();
            for (pattern, form) in known {
                patterns.push(pattern);
                prey.push((form, word.clone()));
            }
        }
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(patterns);
        Self { finder: finder.expect("not too many words"), prey }
    }

    /// Each word that is found in `bytes`, once for each form.
    pub fn look(&self, place: &str, bytes: &[u8]) -> BTreeSet<Find> {
        let found: BTreeSet<_> =
            self.finder.find_overlapping_iter(bytes).map(|it| it.pattern().as_usize()).collect();
        let told = found.into_iter().filter_map(|pattern| self.prey.get(pattern));
        told.map(|(form, word)| Find { place: place.to_owned(), form, word: word.clone() }).collect()
    }
}

/// Every way in which text is written in what the suite stores and says.
fn forms(word: &str) -> Vec<(&'static str, String)> {
    let bytes = |letter: char| letter.to_string().into_bytes();
    let units = |letter: char| letter.encode_utf16(&mut [0; 2]).to_vec();
    // Letters beyond ASCII alone are written otherwise.
    let escaped = |escape: &dyn Fn(char) -> Vec<String>| -> String {
        let letters = word
            .chars()
            .map(|letter| if letter.is_ascii() { letter.to_string() } else { escape(letter).concat() });
        letters.collect()
    };
    let percent = |letter| bytes(letter).iter().map(|byte| format!("%{byte:02X}")).collect();
    let byte_escape = |letter| bytes(letter).iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let unit_escape = |letter| units(letter).iter().map(|unit| format!("\\u{unit:04x}")).collect();
    let hexadecimal: Vec<_> = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        ("as it is", word.to_owned()),
        ("in hexadecimal", hexadecimal.concat()),
        ("percent-encoded", escaped(&percent)),
        ("escaped as bytes", escaped(&byte_escape)),
        ("escaped as in Rust", escaped(&|letter| vec![letter.escape_unicode().to_string()])),
        ("escaped as in JSON", escaped(&unit_escape)),
    ];
    for before in 0..3 {
        forms.push(("in base64", base64(word, before, &|bytes| STANDARD_NO_PAD.encode(bytes))));
        forms.push(("in base64url", base64(word, before, &|bytes| URL_SAFE_NO_PAD.encode(bytes))));
    }
    forms
}

/// The digits that depend on the word alone, where so many bytes of a group of three stand before it.
fn base64(word: &str, before: usize, encode: &dyn Fn(&[u8]) -> String) -> String {
    let bytes = [vec![0; before], word.as_bytes().to_vec()].concat();
    let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    encode(&bytes).get(first..end).unwrap_or_default().to_owned()
}
