/// Brings a document or certificate number into its one written form.
///
/// People copy numbers from phones, scans and spreadsheets. Full-width characters become ASCII, spaces and every kind of
/// hyphen disappear, letters become capitals (so the check character `x` becomes `X`). Nothing else is changed: what is
/// still strange afterwards is a fault for the caller to name.
pub(crate) fn normalise_code(given: &str) -> String {
    normalise_code_keeping_case(given).to_ascii_uppercase()
}

/// The same for codes in which capital and small letters differ.
pub(crate) fn normalise_code_keeping_case(given: &str) -> String {
    given.chars().map(half_width).filter(|c| !is_separator(*c)).collect()
}

/// The ASCII character that a full-width form stands for; any other character is kept.
fn half_width(c: char) -> char {
    /// Distance between `！` (U+FF01) and `!` (U+0021), the same for the whole block.
    const SHIFT: u32 = 0xFEE0;
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - SHIFT).unwrap_or(c),
        _ => c,
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '-' | '\u{00AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FEFF}' | '\u{200B}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_spaces_hyphens_and_small_letters_come_to_one_form() {
        assert_eq!(
            normalise_code(" １１０1-05 1949\u{3000}—231002ｘ"),
            "11010519 49231002X".replace(' ', "")
        );
    }

    #[test]
    fn normalising_twice_changes_nothing() {
        let once = normalise_code("ｓ０００１—23 ab");
        assert_eq!(normalise_code(&once), once);
    }
}
