use std::fmt;
use thiserror::Error;

/// A person's real name, in the one form names are compared in. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(Box<str>);

/// What is wrong with a name. The message never repeats any part of the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameFault {
    /// Nothing but spaces.
    #[error("the name is empty")]
    Empty,
    /// More characters than any document has room for.
    #[error("the name has {found} characters, at most 64 are expected")]
    TooLong {
        /// How many characters there are after normalisation.
        found: usize,
    },
    /// A control character, which no document shows.
    #[error("the name has a control character")]
    ControlCharacter,
    /// A character that nobody sees, such as one that joins others or turns their direction: two names that look alike
    /// would not be equal.
    #[error("the name has an invisible character")]
    InvisibleCharacter,
}

impl NameFault {
    /// The stable code of the fault.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "NAME_EMPTY",
            Self::TooLong { .. } => "NAME_TOO_LONG",
            Self::ControlCharacter => "NAME_CONTROL_CHARACTER",
            Self::InvisibleCharacter => "NAME_INVISIBLE_CHARACTER",
        }
    }

    /// The message in Chinese.
    pub fn chinese(self) -> String {
        match self {
            Self::Empty => "姓名为空".to_owned(),
            Self::TooLong { found } => format!("姓名为{found}个字符，最多{LONGEST}个"),
            Self::ControlCharacter => "姓名含有控制字符".to_owned(),
            Self::InvisibleCharacter => "姓名含有不可见字符".to_owned(),
        }
    }
}

/// The most characters a name may have.
const LONGEST: usize = 64;

impl PersonName {
    /// Brings a name into the form it is compared in. The text must **already** be in Unicode form NFKC.
    ///
    /// Every kind of middle dot becomes `·` (U+00B7), as names of minorities are typed with several; outer spaces go,
    /// inner runs of spaces become one. Spaces between Chinese characters are kept, and neither case nor traditional
    /// characters are changed: a comparison must never accept what is merely similar.
    pub fn normalise(nfkc: &str) -> Result<Self, NameFault> {
        if nfkc.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return Err(NameFault::ControlCharacter);
        }
        if nfkc.chars().any(is_invisible) {
            return Err(NameFault::InvisibleCharacter);
        }
        let words: Vec<&str> = nfkc.split_whitespace().collect();
        let name: String = words.join(" ").chars().map(one_dot).collect();
        match name.chars().count() {
            0 => Err(NameFault::Empty),
            found if found > LONGEST => Err(NameFault::TooLong { found }),
            _ => Ok(Self(name.into())),
        }
    }

    /// The plain name. Only for encryption and for comparison.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Characters of the category "other, format" (Cf), Unicode 16.0.
const INVISIBLE: [(char, char); 21] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{2064}'),
    ('\u{2066}', '\u{206f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0001}', '\u{e0001}'),
    ('\u{e0020}', '\u{e007f}'),
];

fn is_invisible(c: char) -> bool {
    INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&c))
}

const fn one_dot(c: char) -> char {
    match c {
        '•' | '‧' | '∙' | '⋅' | '・' | '･' => '·',
        _ => c,
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> PersonName {
        PersonName::normalise(text).unwrap()
    }

    #[test]
    fn every_middle_dot_is_the_same_dot() {
        for dot in ["·", "・", "•", "‧", "∙", "⋅"] {
            assert_eq!(name(&format!("阿里木{dot}样例")), name("阿里木·样例"), "{dot}");
        }
    }

    #[test]
    fn spaces_around_and_between_are_brought_to_one_form() {
        assert_eq!(name("  Sample   Person\u{3000}"), name("Sample Person"));
        assert_ne!(name("张 样例"), name("张样例"));
    }

    #[test]
    fn names_that_are_merely_similar_stay_different() {
        assert_ne!(name("张样例"), name("張樣例"));
        assert_ne!(name("sample"), name("Sample"));
    }

    #[test]
    fn an_empty_an_endless_and_a_controlled_name_are_refused() {
        assert_eq!(PersonName::normalise(" \u{3000} "), Err(NameFault::Empty));
        assert_eq!(PersonName::normalise(&"样".repeat(65)), Err(NameFault::TooLong { found: 65 }));
        assert_eq!(PersonName::normalise("样\u{0}例"), Err(NameFault::ControlCharacter));
        assert!(PersonName::normalise(&"样".repeat(64)).is_ok());
    }

    #[test]
    fn a_character_that_nobody_sees_makes_no_other_name() {
        for unseen in ['\u{200b}', '\u{200d}', '\u{202e}', '\u{feff}', '\u{ad}', '\u{e0041}'] {
            for text in [format!("样{unseen}例"), format!("{unseen}样例"), format!("样例{unseen}")] {
                let refused = PersonName::normalise(&text);
                assert_eq!(refused, Err(NameFault::InvisibleCharacter), "{}", unseen.escape_unicode());
            }
        }
        assert_eq!(PersonName::normalise("样\u{85}\u{7f}例"), Err(NameFault::ControlCharacter));
        // A variant of a character is one that is seen.
        assert!(PersonName::normalise("葛\u{e0100}城").is_ok());
    }

    #[test]
    fn no_name_reaches_a_log() {
        assert_eq!(format!("{:?}", name("样例")), "PersonName(redacted)");
    }
}
