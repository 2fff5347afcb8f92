//! Persons that do not exist.

use super::full_width;
use super::random::Random;

/// Ten characters that count, as 甲, 乙, 丙 do.
const STEMS: [char; 10] = ['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛', '壬', '癸'];

/// A name with a document.
pub struct Person {
    pub name: String,
    pub document_type: &'static str,
    pub document: String,
}

impl Person {
    /// A holder of a resident identity card. The address code 000000 is no place's.
    pub fn resident(name: &str, birth: &str, serial: u32) -> Self {
        let document = checked(&format!("000000{birth}{:03}", serial % 1000));
        Self { name: name.to_owned(), document_type: "居民身份证", document }
    }

    /// A holder of a passport of no country.
    pub fn passport(name: &str, serial: u32) -> Self {
        Self { name: name.to_owned(), document_type: "护照", document: format!("X{serial:07}") }
    }

    /// Anybody, with any kind of document.
    pub fn any(random: &mut Random, serial: u32) -> Self {
        let name = name(random, serial);
        // Adults, and now and then somebody who was too young to be examined: that is for others to notice.
        let year = if random.below(50) == 0 { 2011 + random.below(3) } else { 1965 + random.below(40) };
        let birth = format!("{year}{:02}{:02}", 1 + random.below(12), 1 + random.below(28));
        // Two digits of the serial more than the sequence has go into the address, so that no two are alike.
        let place = serial / 1000;
        let of = |prefix: &str| checked(&format!("{prefix}{place:03}{birth}{:03}", serial % 1000));
        let (document_type, document) = match random.below(20) {
            0 => ("港澳居民居住证", of("810")),
            1 => ("台湾居民居住证", of("830")),
            2 => ("外国人永久居留身份证", of("900")),
            3 => ("外国人永久居留身份证(旧版)", format!("XXX{serial:012}")),
            4 | 5 => ("护照", format!("X9{serial:06}")),
            6 => ("通行证", format!("H{serial:08}")),
            _ => ("居民身份证", of("000")),
        };
        let document = match random.below(25) {
            0 => full_width(&document),
            1 => document.to_lowercase(),
            2 => format!("{document} "),
            _ => document,
        };
        Self { name, document_type, document }
    }
}

fn name(random: &mut Random, serial: u32) -> String {
    let stem = STEMS.get(random.below(STEMS.len())).copied().unwrap_or('甲');
    match random.below(12) {
        0 => format!("ＴＥＳＴ　Person {serial}"),
        1 => format!("阿里木•样例{stem}{serial}"),
        2 => format!("测试 ・{stem}{serial}").replace(" ・", "‧"),
        3 => format!("  测试·{stem}{serial}"),
        _ => format!("测试·{stem}{serial}"),
    }
}

/// Seventeen digits with their check character (ISO 7064 MOD 11-2).
pub fn checked(digits: &str) -> String {
    let sum = digits.chars().fold(0, |sum, c| (sum + c.to_digit(10).unwrap_or(0)) * 2 % 11);
    let check = (12 - sum) % 11;
    if check == 10 { format!("{digits}X") } else { format!("{digits}{check}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_is_that_of_the_published_sample() {
        assert_eq!(checked("11010519491231002"), "11010519491231002X");
        assert_eq!(checked("81000019000101001"), "810000190001010018");
    }
}
