use super::Timestamp;
use std::fmt;
use thiserror::Error;

/// A day of the (proleptic) Gregorian calendar, in the years 1000 to 9999, without a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    // INVARIANT: the fields stand in this order so that the derived order is the order of days.
    year: i32,
    month: i32,
    day: i32,
}

/// Why something is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DateFault {
    /// The text does not have the form of ISO 8601.
    #[error("a date is written `YYYY-MM-DD`")]
    Form,
    /// The year is outside 1000 to 9999.
    #[error("a year lies between 1000 and 9999")]
    Year,
    /// There is no such month.
    #[error("a month lies between 1 and 12")]
    Month,
    /// The month has no such day.
    #[error("the month has no such day")]
    Day,
}

/// Days before 1970-01-01 since the (imaginary) first of January of the year 1.
const EPOCH: i64 = 719_162;

impl Date {
    /// The first day that can be written.
    pub const MIN: Self = Self { year: 1000, month: 1, day: 1 };
    /// The last day that can be written.
    pub const MAX: Self = Self { year: 9999, month: 12, day: 31 };

    /// A day, if the calendar has it.
    pub fn try_new(year: i32, month: i32, day: i32) -> Result<Self, DateFault> {
        if !(1000..=9999).contains(&year) {
            return Err(DateFault::Year);
        }
        if !(1..=12).contains(&month) {
            return Err(DateFault::Month);
        }
        if !(1..=month_length(year, month)).contains(&day) {
            return Err(DateFault::Day);
        }
        Ok(Self { year, month, day })
    }

    /// Reads `YYYY-MM-DD` (ISO 8601), exactly.
    pub fn parse(text: &str) -> Result<Self, DateFault> {
        let mut parts = text.split('-');
        let (Some(year), Some(month), Some(day), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(DateFault::Form);
        };
        Self::try_new(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?)
    }

    /// Reads `YYYYMMDD`, the form inside document numbers.
    pub(crate) fn parse_compact(text: &str) -> Result<Self, DateFault> {
        let (Some(year), Some(month), Some(day)) = (text.get(..4), text.get(4..6), text.get(6..)) else {
            return Err(DateFault::Form);
        };
        Self::try_new(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?)
    }

    /// The year, 1000 to 9999.
    pub const fn year(self) -> i32 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> i32 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> i32 {
        self.day
    }

    /// The instant at which this day begins in Beijing (UTC+8, no summer time).
    pub fn beijing_midnight(self) -> Timestamp {
        Timestamp::beijing_midnight(self.epoch_days())
    }

    /// The same day so many years later (earlier, if negative); never outside [`Date::MIN`] and [`Date::MAX`].
    ///
    /// 29 February becomes 1 March where the year has no such day. That is the stricter reading for an age: it is
    /// attained a day later, never a day too early.
    #[must_use]
    pub fn plus_years(self, years: i32) -> Self {
        let year = self.year.saturating_add(years);
        match Self::try_new(year, self.month, self.day) {
            Ok(date) => date,
            Err(DateFault::Day) => Self { year, month: 3, day: 1 },
            Err(_) if years < 0 => Self::MIN,
            Err(_) => Self::MAX,
        }
    }

    /// The same day so many months later (earlier, if negative); never outside [`Date::MIN`] and [`Date::MAX`].
    ///
    /// Where the month has no such day it is the first day of the month after, as for [`plus_years`](Self::plus_years): a
    /// term ends a day later, never a day too early.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let whole = self.year.saturating_mul(12).saturating_add(self.month - 1).saturating_add(months);
        let (year, month) = (whole.div_euclid(12), whole.rem_euclid(12) + 1);
        match Self::try_new(year, month, self.day) {
            Ok(date) => date,
            // INVARIANT: December has every day, so the month after is of the same year.
            Err(DateFault::Day) => Self { year, month: month + 1, day: 1 },
            Err(_) if months < 0 => Self::MIN,
            Err(_) => Self::MAX,
        }
    }

    /// The following day; [`Date::MAX`] follows itself.
    #[must_use]
    pub fn next_day(self) -> Self {
        if self.day < 28 {
            return Self { day: self.day + 1, ..self };
        }
        Self::from_epoch_days(self.epoch_days() + 1)
    }

    /// Days since 1970-01-01.
    pub(crate) fn epoch_days(self) -> i64 {
        let months: i32 = (1..self.month).map(|month| month_length(self.year, month)).sum();
        days_before_year(i64::from(self.year)) + i64::from(months + self.day) - 1 - EPOCH
    }

    /// The day so many days after 1970-01-01, or the nearest that can be written.
    pub(crate) fn from_epoch_days(days: i64) -> Self {
        if days < Self::MIN.epoch_days() {
            return Self::MIN;
        }
        if days > Self::MAX.epoch_days() {
            return Self::MAX;
        }
        let days = days + EPOCH;
        // 146,097 days make 400 years. The quotient is the year or, on the last days of a leap year, one too many.
        let guess = days * 400 / 146_097 + 1;
        let year = if days_before_year(guess) > days { guess - 1 } else { guess };
        let year = if days_before_year(year + 1) <= days { year + 1 } else { year };
        within_year(year, days - days_before_year(year))
    }
}

/// The day with the given number (from 0) in a year.
fn within_year(year: i64, day_of_year: i64) -> Date {
    let year = i32::try_from(year).unwrap_or(9999);
    let mut left = i32::try_from(day_of_year).unwrap_or(0);
    for month in 1..12 {
        let length = month_length(year, month);
        if left < length {
            return Date { year, month, day: left + 1 };
        }
        left -= length;
    }
    Date { year, month: 12, day: left + 1 }
}

fn days_before_year(year: i64) -> i64 {
    let past = year - 1;
    past * 365 + past / 4 - past / 100 + past / 400
}

const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn month_length(year: i32, month: i32) -> i32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn digits(text: &str, length: usize) -> Result<i32, DateFault> {
    if text.len() != length || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(DateFault::Form);
    }
    text.parse().map_err(|_| DateFault::Form)
}

/// ISO 8601, `YYYY-MM-DD`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn months_end_on_the_same_day_or_on_the_first_behind_a_day_that_there_is_not() {
        let later = |text, months| date(text).plus_months(months).to_string();
        assert_eq!(later("2024-11-30", 3), "2025-03-01");
        assert_eq!(later("2024-01-31", 1), "2024-03-01");
        assert_eq!(later("2024-01-29", 1), "2024-02-29");
        assert_eq!(later("2026-10-02", 36), "2029-10-02");
        assert_eq!(later("2026-12-31", -1), "2026-12-01");
        assert_eq!(later("2026-01-31", -12), "2025-01-31");
        assert_eq!(later("9999-12-02", 1), "9999-12-31");
        assert_eq!(later("1000-01-02", -1), "1000-01-01");
        assert_eq!(
            (later("2024-02-28", 0), date("2024-02-27").next_day()),
            ("2024-02-28".to_owned(), date("2024-02-28"))
        );
    }

    #[test]
    fn a_day_that_the_calendar_lacks_is_refused() {
        assert_eq!(Date::try_new(2026, 13, 1), Err(DateFault::Month));
        assert_eq!(Date::try_new(2026, 0, 1), Err(DateFault::Month));
        assert_eq!(Date::try_new(2026, 2, 29), Err(DateFault::Day));
        assert_eq!(Date::try_new(1900, 2, 29), Err(DateFault::Day));
        assert_eq!(Date::try_new(999, 1, 1), Err(DateFault::Year));
        assert!(Date::try_new(2000, 2, 29).is_ok());
    }

    #[test]
    fn only_the_iso_form_is_read() {
        assert_eq!(date("2026-10-02").to_string(), "2026-10-02");
        for text in [
            "",
            "2026-1-02",
            "2026/10/02",
            "+026-10-02",
            "2026-10-02T",
            "2026-10",
            "２０２６-10-02",
            "2026-10-02-1",
        ] {
            assert_eq!(Date::parse(text), Err(DateFault::Form), "{text}");
        }
    }

    #[test]
    fn a_leap_day_becomes_the_first_of_march_in_a_common_year() {
        assert_eq!(date("2008-02-29").plus_years(16), date("2024-02-29"));
        assert_eq!(date("2008-02-29").plus_years(18), date("2026-03-01"));
        assert_eq!(date("2010-05-06").plus_years(16), date("2026-05-06"));
        assert_eq!(date("9990-05-06").plus_years(16), Date::MAX);
        assert_eq!(date("1001-05-06").plus_years(-16), Date::MIN);
    }

    #[test]
    fn every_day_of_four_centuries_is_counted_once() {
        let mut day = date("1799-12-31");
        let mut number = day.epoch_days();
        while day < date("2201-01-01") {
            let next = day.next_day();
            number += 1;
            assert_eq!(next.epoch_days(), number, "{next}");
            assert!(next > day);
            assert_eq!(Date::try_new(next.year(), next.month(), next.day()), Ok(next));
            day = next;
        }
    }

    #[test]
    fn the_calendar_is_anchored_at_the_unix_epoch() {
        assert_eq!(date("1970-01-01").epoch_days(), 0);
        assert_eq!(Date::from_epoch_days(20_415), date("2025-11-23"));
        assert_eq!(Date::MAX.next_day(), Date::MAX);
    }
}
