//! 特级技师: two capital letters and twenty digits, in seven parts like LEVEL22.

use super::{Century, Pattern, Scheme};

pub(super) const PATTERN: Pattern = Pattern {
    scheme: Scheme::Special22,
    code: "SPECIAL22",
    // Where the letters stand and which of them means what is not known: nothing is read, and nothing guessed.
    groups: &[],
    fits: |text| {
        let letters = text.chars().filter(char::is_ascii_uppercase).count();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        text.chars().count() == 22 && letters == 2 && digits == 20
    },
    century: Century::Twenties,
    first_year: None,
};
