use super::scheme::Century;
use super::{IssuerClass, Part, Scheme};
use crate::kernel::normalise_code;
use crate::occupation::Level;
use std::fmt;
use thiserror::Error;

/// A certificate number in its one normalised form, with the scheme its pattern belongs to.
///
/// A number that fits a scheme is not proven: no scheme has a check digit. What can be read out of it is held against the
/// claim by [`cross_check`](super::cross_check).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateNumber {
    text: Box<str>,
    scheme: Scheme,
}

/// Why something cannot be a certificate number of any scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NumberFault {
    /// Nothing is left after normalisation.
    #[error("the certificate number is empty")]
    Empty,
    /// Far longer than any known scheme.
    #[error("the certificate number has {found} characters, at most 40 are expected")]
    TooLong {
        /// How many characters there are after normalisation.
        found: usize,
    },
    /// Something else than letters and digits.
    #[error("a certificate number consists of the letters A to Z and digits")]
    Character,
    /// The parts given are not those of a number of the scheme.
    #[error("the parts do not make a number of the scheme `{}`", scheme.code())]
    Parts {
        /// Which scheme.
        scheme: Scheme,
    },
}

impl NumberFault {
    /// The stable code of the fault.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "NUMBER_EMPTY",
            Self::TooLong { .. } => "NUMBER_TOO_LONG",
            Self::Character => "NUMBER_CHARACTER_WRONG",
            Self::Parts { .. } => "NUMBER_PARTS_WRONG",
        }
    }

    /// The message in Chinese.
    pub fn chinese(self) -> String {
        match self {
            Self::Empty => "证书编号为空".to_owned(),
            Self::TooLong { found } => format!("证书编号为{found}位，最多{LONGEST}位"),
            Self::Character => "证书编号只能由大写字母和数字组成".to_owned(),
            Self::Parts { scheme } => format!("各部分不能组成{}编码规则的证书编号", scheme.code()),
        }
    }
}

/// Room for schemes to come.
const LONGEST: usize = 40;

impl CertificateNumber {
    /// Normalises a number (full-width characters become ASCII, spaces and hyphens go, letters become capitals: the only
    /// step that changes what was given) and finds its scheme. A pattern nobody knows is no fault but [`Scheme::Unknown`].
    pub fn parse(given: &str) -> Result<Self, NumberFault> {
        let text = normalise_code(given);
        let found = text.chars().count();
        if found == 0 {
            return Err(NumberFault::Empty);
        }
        if found > LONGEST {
            return Err(NumberFault::TooLong { found });
        }
        if !text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) {
            return Err(NumberFault::Character);
        }
        Ok(Self { scheme: Scheme::of(&text), text: text.into() })
    }

    /// Writes a number of a scheme from its parts, given in the order of [`Scheme::parts`]. The inverse of
    /// [`parts`](Self::parts).
    pub fn from_parts(scheme: Scheme, parts: &[&str]) -> Result<Self, NumberFault> {
        let wrong = NumberFault::Parts { scheme };
        let number = Self::parse(&parts.concat()).map_err(|_| wrong)?;
        let same = number.scheme == scheme && number.parts().map(|(_, text)| text).eq(parts.iter().copied());
        if same && !parts.is_empty() { Ok(number) } else { Err(wrong) }
    }

    /// What can be read out of it, part by part in their order; nothing where the places are not known.
    pub fn parts(&self) -> impl Iterator<Item = (Part, &str)> {
        self.scheme.parts().filter_map(|part| Some((part, self.part(part)?)))
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The scheme the pattern belongs to.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The class of the issuer, if the scheme tells: `Y` and `N` an employer, `S` and `W` a social organisation.
    pub fn issuer_class(&self) -> Option<IssuerClass> {
        match self.part(Part::IssuerClass)? {
            "Y" | "N" => Some(IssuerClass::Employer),
            "S" | "W" => Some(IssuerClass::SocialOrganization),
            _ => None,
        }
    }

    /// The issuer's own code: four digits in LEVEL22 (`0000` if filed with a province first), three in REGION20.
    pub fn issuer_code(&self) -> Option<&str> {
        self.part(Part::IssuerCode)
    }

    /// The province code (GB/T 2260) of the issuer or its site.
    pub fn province(&self) -> Option<&str> {
        self.part(Part::Province)
    }

    /// The six characters of the site, in LEVEL22.
    pub fn site(&self) -> Option<&str> {
        self.part(Part::Site)
    }

    /// Everything before the year: what the directory of filed issuers lists an issuer under.
    pub fn issuer_prefix(&self) -> Option<&str> {
        match self.scheme {
            Scheme::Level22 | Scheme::Region20 => self.text.get(..self.scheme.place(Part::Year)?.start),
            Scheme::Qual16 | Scheme::Special22 | Scheme::Unknown => None,
        }
    }

    /// Class, code, province and site of a LEVEL22 number: the characters that are one site's for good.
    pub fn site_prefix(&self) -> Option<&str> {
        self.issuer_prefix().filter(|_| self.scheme == Scheme::Level22)
    }

    /// The year of issue. Two digits stand for 20xx, except that qualifications (QUAL16) go back to the 1990s.
    pub fn year(&self) -> Option<i32> {
        let two_digits: i32 = self.part(Part::Year)?.parse().ok()?;
        let before_2000 = self.scheme.century() == Century::Since1990 && two_digits >= 90;
        Some(if before_2000 { 1900 } else { 2000 } + two_digits)
    }

    /// The level, if the scheme tells it.
    pub fn level(&self) -> Option<Level> {
        self.part(Part::Level)?.chars().next().and_then(Level::from_digit)
    }

    fn part(&self, part: Part) -> Option<&str> {
        self.text.get(self.scheme.place(part)?)
    }
}

impl fmt::Display for CertificateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> CertificateNumber {
        CertificateNumber::parse(text).unwrap()
    }

    #[test]
    fn the_published_example_is_read_at_its_places() {
        let number = number("Y000123XXXXXX195000001");
        assert_eq!(number.scheme(), Scheme::Level22);
        assert_eq!(number.issuer_class(), Some(IssuerClass::Employer));
        assert_eq!(number.issuer_code(), Some("0001"));
        assert_eq!(number.province(), Some("23"));
        assert_eq!(number.issuer_prefix(), Some("Y000123XXXXXX"));
        assert_eq!(number.year(), Some(2019));
        assert_eq!(number.level(), Some(Level::Five));
    }

    #[test]
    fn a_regional_number_is_read_at_its_places() {
        let number = number("RSW330100012243 00017");
        assert_eq!(number.scheme(), Scheme::Region20);
        assert_eq!(number.issuer_class(), Some(IssuerClass::SocialOrganization));
        assert_eq!(number.province(), Some("33"));
        assert_eq!(number.issuer_code(), Some("012"));
        assert_eq!(number.year(), Some(2024));
        assert_eq!(number.level(), Some(Level::Three));
    }

    #[test]
    fn an_old_qualification_tells_its_year_and_nothing_else() {
        let number = number("0811003013400001");
        assert_eq!(number.scheme(), Scheme::Qual16);
        assert_eq!((number.year(), number.level(), number.province()), (Some(2008), None, None));
        assert_eq!(super::CertificateNumber::parse("9911003013400001").unwrap().year(), Some(1999));
    }

    #[test]
    fn the_level_of_a_special_number_is_not_guessed() {
        let number = number("S00013301000122T000001");
        assert_eq!(number.scheme(), Scheme::Special22);
        assert_eq!((number.level(), number.year(), number.issuer_class()), (None, None, None));
    }

    #[test]
    fn an_unknown_pattern_is_kept_and_not_refused() {
        for text in ["ABC123", "Y000123XXXXXX199000001", "T000123XXXXXX195000001", "RQW33010001224300017"] {
            assert_eq!(number(text).scheme(), Scheme::Unknown, "{text}");
        }
    }

    #[test]
    fn the_same_number_written_otherwise_is_the_same() {
        assert_eq!(number("y0001 23-xxxxxx ｌ95000001").as_str(), "Y000123XXXXXXL95000001");
        assert_eq!(number("ｙ000123xxxxxx195000001"), number("Y000123XXXXXX195000001"));
    }

    #[test]
    fn what_cannot_be_a_number_is_refused() {
        assert_eq!(CertificateNumber::parse(" - "), Err(NumberFault::Empty));
        assert_eq!(CertificateNumber::parse(&"1".repeat(41)), Err(NumberFault::TooLong { found: 41 }));
        assert_eq!(CertificateNumber::parse("证书001"), Err(NumberFault::Character));
    }
}
