use crate::kernel::normalise_code_keeping_case;
use std::fmt;
use thiserror::Error;

/// 网号: the network number under which the national network identity service knows a person. It tells nothing of who it
/// is. `Debug` does not show it all the same: it is a person's.
///
/// Source: 国家网络身份认证公共服务管理办法 (in force 2025-07-15): letters and digits, no plaintext identity. Its length is
/// not published, so the bounds here only keep out what cannot be one.
#[derive(Clone, PartialEq, Eq)]
pub struct NetworkNumber(Box<str>);

/// Why a text is no network number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NetworkNumberFault {
    /// Fewer than 8 or more than 128 characters.
    #[error("must have 8 to 128 letters and digits")]
    LengthWrong,
    /// Something else than an ASCII letter or digit.
    #[error("must consist of letters and digits")]
    CharacterWrong,
}

impl NetworkNumberFault {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::LengthWrong => "LENGTH_WRONG",
            Self::CharacterWrong => "CHARACTER_WRONG",
        }
    }
}

impl NetworkNumber {
    /// Reads a number as people copy it: full-width characters and spaces are normalised, capitals are kept.
    pub fn parse(given: &str) -> Result<Self, NetworkNumberFault> {
        let text = normalise_code_keeping_case(given);
        if !text.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(NetworkNumberFault::CharacterWrong);
        }
        if !(8..=128).contains(&text.len()) {
            return Err(NetworkNumberFault::LengthWrong);
        }
        Ok(Self(text.into()))
    }

    /// The plain number. Only for encryption, look-up and sources.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NetworkNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NetworkNumber(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_number_is_letters_and_digits_in_one_written_form() {
        let number = NetworkNumber::parse(" ｗh12 34aB cd ").unwrap();
        assert_eq!(number.expose(), "wh1234aBcd");
        assert_eq!(format!("{number:?}"), "NetworkNumber(redacted)");
        assert_eq!(NetworkNumber::parse("wh123"), Err(NetworkNumberFault::LengthWrong));
        assert_eq!(NetworkNumber::parse(&"a".repeat(129)), Err(NetworkNumberFault::LengthWrong));
        assert_eq!(NetworkNumber::parse("网号12345678"), Err(NetworkNumberFault::CharacterWrong));
        assert_eq!(NetworkNumber::parse(""), Err(NetworkNumberFault::LengthWrong));
    }
}
