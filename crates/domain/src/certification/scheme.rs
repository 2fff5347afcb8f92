use std::ops::Range;

/// The known schemes of certificate numbers. None of them has a check digit, so a typing slip cannot be noticed offline
/// unless it breaks the pattern or contradicts the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// 职业技能等级证书, 22 characters: issuer class, issuer code, province, issuer sequence, year, level, serial.
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
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Mark,
    FilingRoute,
    IssuerClass,
    IssuerCode,
    Province,
    Place,
    IssuerSequence,
    Year,
    Level,
    Serial,
}

/// Which characters may stand in a group.
#[derive(Clone, Copy)]
enum Class {
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
pub(super) struct Group(Part, usize, Class);

const LEVELS: Class = Class::OneOf("54321");

const LEVEL_22: &[Group] = &[
    // Y 用人单位 (employer), S 社会培训评价组织 (social organisation).
    Group(Part::IssuerClass, 1, Class::OneOf("YS")),
    Group(Part::IssuerCode, 4, Class::Digits),
    Group(Part::Province, 2, Class::Digits),
    // Set by the province; the published example has letters here.
    Group(Part::IssuerSequence, 6, Class::Alphanumeric),
    Group(Part::Year, 2, Class::Digits),
    Group(Part::Level, 1, LEVELS),
    Group(Part::Serial, 6, Class::Digits),
];

const REGION_20: &[Group] = &[
    Group(Part::Mark, 1, Class::OneOf("R")),
    // Filed with the ministry, a province, a city or a county.
    Group(Part::FilingRoute, 1, Class::OneOf("GSCX")),
    // N employer, W third party.
    Group(Part::IssuerClass, 1, Class::OneOf("NW")),
    Group(Part::Province, 2, Class::Digits),
    Group(Part::Place, 4, Class::Digits),
    Group(Part::IssuerCode, 3, Class::Digits),
    Group(Part::Year, 2, Class::Digits),
    Group(Part::Level, 1, LEVELS),
    Group(Part::Serial, 5, Class::Digits),
];

const QUAL_16: &[Group] = &[Group(Part::Year, 2, Class::Digits), Group(Part::Serial, 14, Class::Digits)];

impl Scheme {
    /// Every scheme, in the order in which a number is tried against them.
    pub const ALL: [Self; 5] = [Self::Level22, Self::Region20, Self::Qual16, Self::Special22, Self::Unknown];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Level22 => "LEVEL22",
            Self::Region20 => "REGION20",
            Self::Qual16 => "QUAL16",
            Self::Special22 => "SPECIAL22",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The scheme with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.code() == code)
    }

    /// The scheme of a normalised number: the first whose pattern fits.
    pub(super) fn of(text: &str) -> Self {
        Self::ALL.into_iter().find(|scheme| scheme.fits(text)).unwrap_or(Self::Unknown)
    }

    /// The groups of the pattern; none where the places are not known.
    const fn groups(self) -> &'static [Group] {
        match self {
            Self::Level22 => LEVEL_22,
            Self::Region20 => REGION_20,
            Self::Qual16 => QUAL_16,
            Self::Special22 | Self::Unknown => &[],
        }
    }

    fn fits(self, text: &str) -> bool {
        match self {
            Self::Unknown => true,
            Self::Special22 => is_special(text),
            Self::Level22 | Self::Region20 | Self::Qual16 => {
                let classes =
                    self.groups().iter().flat_map(|Group(_, length, class)| [*class].repeat(*length));
                text.len() == self.length() && text.chars().zip(classes).all(|(c, class)| class.admits(c))
            }
        }
    }

    fn length(self) -> usize {
        self.groups().iter().map(|Group(_, length, _)| length).sum()
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
}

/// Two capital letters and twenty digits, wherever the letters stand.
fn is_special(text: &str) -> bool {
    let letters = text.chars().filter(char::is_ascii_uppercase).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    text.chars().count() == 22 && letters == 2 && digits == 20
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_of_each_scheme_add_up_to_its_length() {
        assert_eq!(Scheme::Level22.length(), 22);
        assert_eq!(Scheme::Region20.length(), 20);
        assert_eq!(Scheme::Qual16.length(), 16);
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for scheme in Scheme::ALL {
            assert_eq!(Scheme::from_code(scheme.code()), Some(scheme));
        }
    }
}
