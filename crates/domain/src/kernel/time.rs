use super::Date;
use std::fmt;
use std::time::Duration;

/// An instant: microseconds since 1970-01-01T00:00:00Z, without leap seconds, as Unix time counts.
///
/// Stored and compared in UTC. Ages and legal periods are decided on the Beijing date, see
/// [`Timestamp::beijing_date`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;
/// China keeps one civil time, UTC+8, without summer time since 1991; legal periods here are all later.
const BEIJING_OFFSET_SECONDS: i64 = 8 * 3_600;

impl Timestamp {
    /// The earliest instant that can be written.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest instant that can be written.
    pub const MAX: Self = Self(i64::MAX);

    /// The instant so many microseconds after the Unix epoch (before it, if negative).
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The instant that much later; the latest instant if there is none.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// The instant that much earlier; the earliest instant if there is none.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }

    /// How long it is since `earlier`; zero if `earlier` is in fact later.
    pub fn since(self, earlier: Self) -> Duration {
        let span = i128::from(self.0) - i128::from(earlier.0);
        Duration::from_micros(u64::try_from(span).unwrap_or(0))
    }

    /// The calendar date in Beijing at this instant. Instants outside the years 1000 to 9999 give the nearest date.
    pub fn beijing_date(self) -> Date {
        let seconds = self.0.div_euclid(MICROS_PER_SECOND).saturating_add(BEIJING_OFFSET_SECONDS);
        Date::from_epoch_days(seconds.div_euclid(SECONDS_PER_DAY))
    }

    /// Midnight at the beginning of the Beijing day that begins so many days after 1970-01-01.
    pub(super) const fn beijing_midnight(epoch_days: i64) -> Self {
        let seconds = epoch_days.saturating_mul(SECONDS_PER_DAY).saturating_sub(BEIJING_OFFSET_SECONDS);
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }
}

/// RFC 3339 in UTC, with as many digits of the fraction as the instant needs (none, three or six).
///
/// RFC 3339 knows the years 0000 to 9999 only; an instant outside the years of [`Date`] is written with the nearest date.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(MICROS_PER_SECOND);
        let fraction = self.0.rem_euclid(MICROS_PER_SECOND);
        let date = Date::from_epoch_days(seconds.div_euclid(SECONDS_PER_DAY));
        let of_day = seconds.rem_euclid(SECONDS_PER_DAY);
        write!(f, "{date}T{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60)?;
        match (fraction, fraction % 1_000) {
            (0, _) => {}
            (_, 0) => write!(f, ".{:03}", fraction / 1_000)?,
            _ => write!(f, ".{fraction:06}")?,
        }
        f.write_str("Z")
    }
}

/// Durations longer than the calendar are cut to its length: adding them saturates anyway.
fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_as_rfc_3339_in_utc() {
        assert_eq!(Timestamp::from_micros(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp::from_micros(1_000_000_000_000_000).to_string(), "2001-09-09T01:46:40Z");
        assert_eq!(Timestamp::from_micros(1_500_000).to_string(), "1970-01-01T00:00:01.500Z");
        assert_eq!(Timestamp::from_micros(-1).to_string(), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn arithmetic_saturates_instead_of_failing() {
        assert_eq!(Timestamp::MAX.plus(Duration::from_secs(1)), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.minus(Duration::MAX), Timestamp::MIN);
        assert_eq!(Timestamp::MIN.since(Timestamp::MAX), Duration::ZERO);
        assert_eq!(Timestamp::MAX.since(Timestamp::MIN), Duration::from_micros(u64::MAX));
        assert_eq!(Timestamp::from_micros(7).since(Timestamp::from_micros(2)), Duration::from_micros(5));
    }

    #[test]
    fn the_beijing_day_begins_at_sixteen_hundred_utc() {
        let day = Date::try_new(2026, 11, 1).unwrap();
        let midnight = day.beijing_midnight();
        assert_eq!(midnight.to_string(), "2026-10-31T16:00:00Z");
        assert_eq!(midnight.beijing_date(), day);
        assert_eq!(midnight.minus(Duration::from_micros(1)).beijing_date().to_string(), "2026-10-31");
    }

    #[test]
    fn extreme_instants_have_a_date_and_a_written_form() {
        assert_eq!(Timestamp::MIN.beijing_date(), Date::MIN);
        assert_eq!(Timestamp::MAX.beijing_date(), Date::MAX);
        assert!(Timestamp::MAX.to_string().starts_with("9999-12-31T"));
    }
}
