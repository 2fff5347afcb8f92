use std::fmt;
use thiserror::Error;

/// The unified social credit code 统一社会信用代码 of an organization: 18 characters, the last of them a check character.
///
/// Source: GB 32100-2015. It is public: every code stands in the national register of enterprises.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode(Box<str>);

/// Why something is no unified social credit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CreditCodeFault {
    /// It has another length or other characters.
    #[error("must have 18 digits and capital letters other than I, O, S, V and Z")]
    Form,
    /// The administrative division is not a number.
    #[error("must have six digits for the administrative division in places 3 to 8")]
    Division,
    /// The check character is another.
    #[error("has a wrong check character")]
    Check,
}

/// The characters in the order of their values (GB 32100-2015, table 4).
const CHARACTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const LENGTH: usize = 18;

impl CreditCode {
    /// Reads a code and verifies its check character, without asking anybody.
    pub fn parse(text: &str) -> Result<Self, CreditCodeFault> {
        let values: Option<Vec<usize>> =
            text.bytes().map(|byte| CHARACTERS.iter().position(|character| *character == byte)).collect();
        let values = values.filter(|values| values.len() == LENGTH).ok_or(CreditCodeFault::Form)?;
        if values.iter().skip(2).take(6).any(|value| *value > 9) {
            return Err(CreditCodeFault::Division);
        }
        // The sum over all places, the check character's own weight being 1, is a multiple of 31 (ISO 7064 in substance).
        let sum = values.iter().rev().skip(1).rev().zip(weights()).map(|(value, weight)| value * weight);
        let check = values.last().copied().unwrap_or_default();
        if (sum.sum::<usize>() + check).is_multiple_of(CHARACTERS.len()) {
            Ok(Self(text.into()))
        } else {
            Err(CreditCodeFault::Check)
        }
    }

    /// The 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The powers of three modulo 31, from the first place on.
fn weights() -> impl Iterator<Item = usize> {
    std::iter::successors(Some(1), |weight| Some(weight * 3 % CHARACTERS.len()))
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The example of the standard, and codes of enterprises that everybody can look up in the national register.
    const KNOWN: [&str; 4] =
        ["91350100M000100Y43", "914403001922038216", "9144030071526726XG", "91330100799655058B"];

    #[test]
    fn known_codes_are_accepted_as_they_are_written() {
        for code in KNOWN {
            assert_eq!(CreditCode::parse(code).map(|code| code.to_string()), Ok(code.to_owned()));
        }
    }

    #[test]
    fn the_weights_are_those_of_the_standard() {
        let weights: Vec<usize> = weights().take(17).collect();
        assert_eq!(weights, [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]);
    }

    #[test]
    fn other_forms_are_refused() {
        for code in
            ["", "91350100M000100Y4", "91350100M000100Y433", "91350100m000100y43", "91350100M000100I43", "９"]
        {
            assert_eq!(CreditCode::parse(code), Err(CreditCodeFault::Form), "{code}");
        }
        assert_eq!(CreditCode::parse("91A50100M000100Y43"), Err(CreditCodeFault::Division));
        assert_eq!(CreditCode::parse("91350100M000100Y44"), Err(CreditCodeFault::Check));
    }

    proptest! {
        /// 31 is a prime and no weight is a multiple of it, so that neither kind of mistake can cancel itself out.
        #[test]
        fn a_slip_of_one_character_or_a_swap_of_two_neighbours_is_found(
            known in prop::sample::select(KNOWN.to_vec()),
            place in 0usize..18,
            other in prop::sample::select(CHARACTERS.to_vec()),
        ) {
            let mut slipped = known.as_bytes().to_vec();
            slipped[place] = other;
            let mut swapped = known.as_bytes().to_vec();
            swapped.swap(place, (place + 1).min(17));
            for changed in [slipped, swapped] {
                let changed = String::from_utf8(changed).unwrap();
                prop_assert_eq!(CreditCode::parse(&changed).is_ok(), changed == known);
            }
        }
    }
}
