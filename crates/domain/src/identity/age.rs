use crate::kernel::{Date, Timestamp};
use std::fmt;

/// A person's birth date. `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate(Date);

impl BirthDate {
    /// A birth date.
    pub const fn new(date: Date) -> Self {
        Self(date)
    }

    /// The plain date. Only for encryption and for ages.
    pub const fn expose(self) -> Date {
        self.0
    }

    /// The age band at an instant, and when it changes next; see [`age_band`].
    pub fn age_band(self, now: Timestamp) -> (AgeBand, Option<Timestamp>) {
        age_band(self.0, now)
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(redacted)")
    }
}

/// What is known of a person's age. `Debug` does not show a birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Nothing.
    Unknown,
    /// The birth date.
    Born(BirthDate),
    /// 18 or older, and no more.
    Adult,
}

impl Age {
    /// The age band at an instant, and when it changes next.
    pub fn band(self, now: Timestamp) -> (AgeBand, Option<Timestamp>) {
        match self {
            Self::Unknown => (AgeBand::Unknown, None),
            Self::Born(birth) => birth.age_band(now),
            Self::Adult => (AgeBand::Adult, None),
        }
    }

    /// What is known after being told `told` at `now`; none if the two contradict each other.
    pub fn learn(self, told: Self, now: Timestamp) -> Option<Self> {
        match (self, told) {
            (known, Self::Unknown) => Some(known),
            (Self::Unknown | Self::Adult, Self::Adult) | (Self::Unknown, Self::Born(_)) => Some(told),
            (Self::Born(known), Self::Born(new)) => (known == new).then_some(self),
            (Self::Born(birth), Self::Adult) => is_adult(birth, now).then_some(self),
            (Self::Adult, Self::Born(birth)) => is_adult(birth, now).then_some(told),
        }
    }
}

fn is_adult(birth: BirthDate, now: Timestamp) -> bool {
    birth.age_band(now).0 == AgeBand::Adult
}

impl From<Option<BirthDate>> for Age {
    fn from(birth: Option<BirthDate>) -> Self {
        birth.map_or(Self::Unknown, Self::Born)
    }
}

/// An age, as coarse as the law asks for: the two limits and no more, so no more is told.
///
/// Source: Law on the Protection of Minors 未成年人保护法, art. 76: no live publishing under 16; from 16 to 17 with a
/// guardian's consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgeBand {
    /// Under 16 未满十六周岁.
    Under16,
    /// 16 or 17.
    From16To17,
    /// 18 or older.
    Adult,
    /// The document does not tell, and nobody has told.
    Unknown,
}

impl AgeBand {
    /// Every band.
    pub const ALL: [Self; 4] = [Self::Under16, Self::From16To17, Self::Adult, Self::Unknown];

    /// The stable code, used in storage, events and messages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Under16 => "UNDER_16",
            Self::From16To17 => "FROM_16_TO_17",
            Self::Adult => "ADULT",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// The band with this [`code`](Self::code).
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.code() == code)
    }

    /// The band that follows by time alone.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Under16 => Self::From16To17,
            Self::From16To17 | Self::Adult => Self::Adult,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// The age band of somebody born on `birth`, on the Beijing date of `now`, and the instant at which it changes next.
///
/// An age is attained on the day **after** the birthday, the stricter of the two readings: no source settles it for these
/// rules, and criminal-law practice counts so. A birthday on 29 February falls on 1 March in common years
/// ([`Date::plus_years`]). A birth in the future is under 16.
pub fn age_band(birth: Date, now: Timestamp) -> (AgeBand, Option<Timestamp>) {
    let sixteen = attained(birth, 16);
    let eighteen = attained(birth, 18);
    if now < sixteen {
        (AgeBand::Under16, Some(sixteen))
    } else if now < eighteen {
        (AgeBand::From16To17, Some(eighteen))
    } else {
        (AgeBand::Adult, None)
    }
}

/// The beginning of the first Beijing day on which the age counts as attained.
fn attained(birth: Date, years: i32) -> Timestamp {
    birth.plus_years(years).next_day().beijing_midnight()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const MOMENT: Duration = Duration::from_micros(1);

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn sixteen_is_attained_on_the_day_after_the_birthday_in_beijing() {
        let birth = date("2010-11-23");
        let turn = date("2026-11-24").beijing_midnight();
        assert_eq!(age_band(birth, turn.minus(MOMENT)), (AgeBand::Under16, Some(turn)));
        let eighteen = date("2028-11-24").beijing_midnight();
        assert_eq!(age_band(birth, turn), (AgeBand::From16To17, Some(eighteen)));
        assert_eq!(age_band(birth, eighteen.minus(MOMENT)), (AgeBand::From16To17, Some(eighteen)));
        assert_eq!(age_band(birth, eighteen), (AgeBand::Adult, None));
    }

    #[test]
    fn a_leap_day_child_attains_eighteen_on_the_second_of_march() {
        let birth = date("2008-02-29");
        assert_eq!(age_band(birth, date("2024-02-29").beijing_midnight()).0, AgeBand::Under16);
        assert_eq!(age_band(birth, date("2024-03-01").beijing_midnight()).0, AgeBand::From16To17);
        assert_eq!(age_band(birth, date("2026-03-01").beijing_midnight()).0, AgeBand::From16To17);
        assert_eq!(age_band(birth, date("2026-03-02").beijing_midnight()).0, AgeBand::Adult);
    }

    #[test]
    fn the_band_told_in_advance_is_the_band_found_later() {
        let (band, until) = age_band(date("2010-05-06"), date("2020-01-01").beijing_midnight());
        let (later, _) = age_band(date("2010-05-06"), until.unwrap());
        assert_eq!(band.next(), later);
    }

    #[test]
    fn somebody_not_yet_born_is_under_sixteen() {
        assert_eq!(age_band(date("2030-01-01"), date("2026-01-01").beijing_midnight()).0, AgeBand::Under16);
    }

    #[test]
    fn what_is_told_of_an_age_adds_to_what_is_known_or_contradicts_it() {
        let now = date("2026-11-23").beijing_midnight();
        let born = |text| Age::Born(BirthDate::new(date(text)));
        let (old, young) = (born("1990-01-01"), born("2012-01-01"));
        assert_eq!(Age::Unknown.learn(young, now), Some(young));
        assert_eq!(Age::Unknown.learn(Age::Adult, now), Some(Age::Adult));
        assert_eq!(old.learn(Age::Unknown, now), Some(old));
        assert_eq!(old.learn(Age::Adult, now), Some(old));
        assert_eq!(Age::Adult.learn(old, now), Some(old));
        assert_eq!(Age::Adult.learn(young, now), None);
        assert_eq!(young.learn(Age::Adult, now), None);
        assert_eq!(young.learn(old, now), None);
        assert_eq!(old.learn(old, now), Some(old));
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        for band in AgeBand::ALL {
            assert_eq!(AgeBand::from_code(band.code()), Some(band));
        }
    }
}
