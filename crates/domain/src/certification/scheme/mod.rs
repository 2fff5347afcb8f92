//! The schemes of certificate numbers. None of them has a check digit, so a typing slip cannot be noticed offline unless it
//! breaks the pattern or contradicts the claim.
//!
//! Each scheme is one file with one [`Pattern`]. A new one is a new file, a line in [`PATTERNS`] and a value of [`Scheme`];
//! reading, writing and cross-checking follow from the pattern.

mod level22;
mod qual16;
mod region20;
mod special22;

use std::ops::Range;

/// The known schemes of certificate numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// 职业技能等级证书, 22 characters: issuer class, issuer code, province, site, year, level, serial.
    Level22,
    /// An earlier or provincial scheme, 20 characters: `R`, filing route, kind of issuer, region, issuer, year, level,
    /// serial.
    Region20,
    /// 职业资格证书, the older professional qualification, 16 digits. Only the year is read; the meaning of the later
    /// groups is not confirmed.
    Qual16,
    /// 特级技师, 22 characters of which two are capital letters. Which letter stands for the level is not confirmed, so
    /// no level is read.
    Special22,
    /// Anything else that could be a number. Not a fault: schemes are added.
    Unknown,
}

/// What a group of characters means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A character every number of the scheme has.
    Mark,
    /// With whom the issuer was filed first.
    FilingRoute,
    /// The class of the issuer.
    IssuerClass,
    /// The issuer's code.
    IssuerCode,
    /// The province (GB/T 2260).
    Province,
    /// The rest of a region's code.
    Place,
    /// The site, by the six characters its province gave it.
    Site,
    /// The year of issue, two digits.
    Year,
    /// The level.
    Level,
    /// The serial number, or what is not read.
    Serial,
}

/// Which characters may stand in a group.
#[derive(Debug, Clone, Copy)]
pub(super) enum Class {
    OneOf(&'static str),
    Digits,
    Alphanumeric,
}

impl Class {
    fn admits(self, c: char) -> bool {
        match self {
            Self::OneOf(list) => list.contains(c),
            Self::Digits => c.is_ascii_digit(),
            Self::Alphanumeric => c.is_ascii_digit() || c.is_ascii_uppercase(),
        }
    }
}

/// One group: its meaning, its length, its characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group(Part, usize, Class);

/// The digits of the levels, from the lowest skill to the highest.
const LEVELS: Class = Class::OneOf("54321");

/// How the years of a scheme are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Century {
    /// Two digits stand for 20xx.
    Twenties,
    /// 90 to 99 stand for 19xx, the rest for 20xx.
    Since1990,
}

/// Everything the suite knows of one scheme.
pub(super) struct Pattern {
    /// Which one.
    scheme: Scheme,
    /// The stable code.
    code: &'static str,
    /// The groups in their order; empty where the places are not known.
    groups: &'static [Group],
    /// What fits beyond the groups.
    fits: fn(&str) -> bool,
    /// How years are written.
    century: Century,
    /// The year in which the scheme is said to have begun. No source confirms one, so an earlier year is a warning.
    first_year: Option<i32>,
}

/// Every scheme, in the order in which a number is tried against them.
const PATTERNS: [&Pattern; 4] =
    [&level22::PATTERN, &region20::PATTERN, &qual16::PATTERN, &special22::PATTERN];

impl Scheme {
    /// Every scheme, in the order in which a number is tried against them.
    pub const ALL: [Self; 5] = [Self::Level22, Self::Region20, Self::Qual16, Self::Special22, Self::Unknown];

    /// The stable code, used in storage, events and messages.
    pub fn code(self) -> &'static str {
        self.pattern().map_or("UNKNOWN", |pattern| pattern.code)
    }

    /// The scheme with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.code() == code)
    }

    fn pattern(self) -> Option<&'static Pattern> {
        PATTERNS.into_iter().find(|pattern| pattern.scheme == self)
    }

    fn groups(self) -> &'static [Group] {
        self.pattern().map_or(&[], |pattern| pattern.groups)
    }

    /// The scheme of a normalised number: the first whose pattern fits.
    pub(super) fn of(text: &str) -> Self {
        PATTERNS
            .into_iter()
            .find(|pattern| pattern.fits(text))
            .map_or(Self::Unknown, |pattern| pattern.scheme)
    }

    /// The parts a number of this scheme is made of, in their order; none where the places are not known.
    pub fn parts(self) -> impl Iterator<Item = Part> {
        self.groups().iter().map(|Group(part, ..)| *part)
    }

    /// Where a part stands in a number of this scheme.
    pub(super) fn place(self, wanted: Part) -> Option<Range<usize>> {
        let mut from = 0;
        for Group(part, length, _) in self.groups() {
            if *part == wanted {
                return Some(from..from + length);
            }
            from += length;
        }
        None
    }

    /// How its years are written.
    pub(super) fn century(self) -> Century {
        self.pattern().map_or(Century::Twenties, |pattern| pattern.century)
    }

    /// The year in which it is said to have begun.
    pub(super) fn first_year(self) -> Option<i32> {
        self.pattern().and_then(|pattern| pattern.first_year)
    }
}

impl Pattern {
    fn length(&self) -> usize {
        self.groups.iter().map(|Group(_, length, _)| length).sum()
    }

    fn fits(&self, text: &str) -> bool {
        let classes = self.groups.iter().flat_map(|Group(_, length, class)| [*class].repeat(*length));
        let grouped = self.groups.is_empty()
            || text.len() == self.length() && text.chars().zip(classes).all(|(c, class)| class.admits(c));
        grouped && (self.fits)(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_of_each_scheme_add_up_to_its_length_and_no_part_stands_twice() {
        for (pattern, length) in PATTERNS.into_iter().zip([22, 20, 16, 0]) {
            assert_eq!(pattern.length(), length, "{}", pattern.code);
            let parts: std::collections::BTreeSet<Part> = pattern.scheme.parts().collect();
            assert_eq!(parts.len(), pattern.groups.len(), "{}", pattern.code);
        }
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for scheme in Scheme::ALL {
            assert_eq!(Scheme::from_code(scheme.code()), Some(scheme));
            assert_eq!(scheme.pattern().is_none(), scheme == Scheme::Unknown);
        }
    }
}
