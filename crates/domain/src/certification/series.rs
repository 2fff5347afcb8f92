use super::{CertificateNumber, Issuer, IssuerClass};
use crate::occupation::Level;

/// The numbers of scheme LEVEL22 that one issuer gives out at one site, in one year, for one level: 000001 to 999999.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberSeries {
    prefix: String,
}

impl NumberSeries {
    /// The first serial.
    pub const FIRST: u32 = 1;
    /// The last one.
    pub const LAST: u32 = 999_999;

    /// The series, if there can be one: the site has six capital letters or digits, the year is one of this century, and
    /// the level has a digit of its own in the scheme.
    pub fn of(issuer: &Issuer, site: &str, year: i32, level: Level) -> Option<Self> {
        let class = match issuer.class {
            IssuerClass::Employer => 'Y',
            IssuerClass::SocialOrganization => 'S',
        };
        let digit = ('1'..='5').find(|digit| Level::from_digit(*digit) == Some(level))?;
        let place = site.len() == 6 && site.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        let two_digits = year.checked_sub(2000).filter(|short| (0..100).contains(short) && place)?;
        let prefix = format!("{class}{}{}{site}{two_digits:02}{digit}", issuer.code, issuer.province);
        Some(Self { prefix })
    }

    /// What all its numbers begin with.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The number with a serial; none beyond the last one.
    pub fn number(&self, serial: u32) -> Option<CertificateNumber> {
        let within = (Self::FIRST..=Self::LAST).contains(&serial);
        CertificateNumber::parse(&format!("{}{serial:06}", self.prefix)).ok().filter(|_| within)
    }

    /// The text of the number with a serial, to compare with.
    pub fn text(&self, serial: u32) -> String {
        format!("{}{serial:06}", self.prefix)
    }

    /// The serial of a number of this series.
    pub fn serial_of(&self, number: &str) -> Option<u32> {
        number.strip_prefix(&self.prefix)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certification::{IssuerStanding, NumberClaim, Scheme, cross_check};
    use crate::kernel::{Date, IssuerId, OrganizationId, Version};
    use proptest::prelude::*;

    fn issuer(class: IssuerClass, code: &str) -> Issuer {
        Issuer {
            id: IssuerId::try_new("north").unwrap(),
            organization: OrganizationId::try_new("north").unwrap(),
            class,
            code: code.to_owned(),
            province: "33".to_owned(),
            standing: IssuerStanding::Listed,
            measure: None,
            sites: Vec::new(),
            accreditations: Vec::new(),
            version: Version::FIRST,
        }
    }

    proptest! {
        #[test]
        fn every_number_of_a_series_is_well_formed_and_contradicts_nothing(
            employer: bool,
            code in "[0-9]{4}",
            site in "[A-Z0-9]{6}",
            year in 2019..2100,
            level in prop::sample::select(vec![Level::Five, Level::Four, Level::Three]),
            serial in NumberSeries::FIRST..=NumberSeries::LAST,
        ) {
            let class = if employer { IssuerClass::Employer } else { IssuerClass::SocialOrganization };
            let issuer = issuer(class, &code);
            let series = NumberSeries::of(&issuer, &site, year, level).unwrap();
            let number = series.number(serial).unwrap();
            prop_assert_eq!(number.scheme(), Scheme::Level22);
            prop_assert_eq!(series.serial_of(number.as_str()), Some(serial));
            let issue_date = Date::try_new(year, 3, 1).unwrap();
            let claim = NumberClaim { job_type: None, level, issue_date, issuer: Some(&issuer) };
            prop_assert_eq!(cross_check(&number, &claim), Vec::new());
        }
    }

    #[test]
    fn what_the_scheme_cannot_write_has_no_series() {
        let issuer = issuer(IssuerClass::SocialOrganization, "0000");
        let of = |site, year, level| NumberSeries::of(&issuer, site, year, level);
        assert!(of("DEMO00", 2026, Level::Chief).is_none());
        assert!(of("demo00", 2026, Level::Three).is_none());
        assert!(of("DEMO0", 2026, Level::Three).is_none());
        assert!(of("DEMO00", 1999, Level::Three).is_none());
        let series = of("DEMO00", 2026, Level::Three).unwrap();
        assert_eq!(series.number(1).unwrap().as_str(), "S000033DEMO00263000001");
        assert!(series.number(0).is_none() && series.number(1_000_000).is_none());
    }
}
