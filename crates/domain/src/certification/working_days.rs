//! Chinese working days 工作日: Monday to Friday without the holidays, and the days at weekends that are worked instead
//! (调休), as the State Council announces them for each year.

use crate::kernel::{Date, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the announcements for some years say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeSet<i32>,
    off: BTreeSet<Date>,
    worked: BTreeSet<Date>,
}

/// Why a day cannot stand in a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CalendarFault {
    /// It lies in another year than the announcement.
    #[error("{0} lies in another year")]
    OtherYear(Date),
    /// A holiday at a weekend needs no announcement, and a working day from Monday to Friday none either.
    #[error("{0} would be so without saying")]
    Idle(Date),
    /// It stands there twice.
    #[error("{0} stands there twice")]
    Twice(Date),
}

impl Calendar {
    /// Adds what was announced for a year: the days off from Monday to Friday, and the days at weekends that are worked.
    pub fn announce(&mut self, year: i32, off: &[Date], worked: &[Date]) -> Result<(), CalendarFault> {
        for (days, weekend) in [(off, false), (worked, true)] {
            for day in days {
                if day.year() != year {
                    return Err(CalendarFault::OtherYear(*day));
                }
                if day.is_weekend() != weekend {
                    return Err(CalendarFault::Idle(*day));
                }
                let fresh = if weekend { self.worked.insert(*day) } else { self.off.insert(*day) };
                if !fresh {
                    return Err(CalendarFault::Twice(*day));
                }
            }
        }
        self.years.insert(year);
        Ok(())
    }

    /// Whether anything was announced for the year. Else its weekends are all that is known of it.
    pub fn knows(&self, year: i32) -> bool {
        self.years.contains(&year)
    }

    /// Whether the day is worked.
    pub fn is_working_day(&self, day: Date) -> bool {
        if day.is_weekend() { self.worked.contains(&day) } else { !self.off.contains(&day) }
    }

    /// The working day that is so many working days after `day`; the first one after it for 0 and for 1. Never beyond the
    /// last day that can be written.
    pub fn after(&self, day: Date, count: u32) -> Date {
        let mut reached = day;
        for _ in 0..count.max(1) {
            reached = reached.next_day();
            while !self.is_working_day(reached) && reached < Date::MAX {
                reached = reached.next_day();
            }
        }
        reached
    }
}

/// How long a certificate may take to appear in the national look-up, in working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationLag {
    calendar: Arc<Calendar>,
    working_days: u32,
}

impl PublicationLag {
    /// So many working days by a calendar.
    pub const fn new(calendar: Arc<Calendar>, working_days: u32) -> Self {
        Self { calendar, working_days }
    }

    /// The instant at which it has passed since `since`: the same time of day in Beijing, so many working days later.
    pub fn after(&self, since: Timestamp) -> Timestamp {
        let day = since.beijing_date();
        let of_day = since.since(day.beijing_midnight());
        self.calendar.after(day, self.working_days).beijing_midnight().plus(of_day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    /// A Wednesday to Friday off, and the Saturday before worked for it.
    fn calendar() -> Calendar {
        let mut calendar = Calendar::default();
        let off = ["2026-05-06", "2026-05-07", "2026-05-08"].map(date);
        calendar.announce(2026, &off, &[date("2026-05-02")]).unwrap();
        calendar
    }

    #[test]
    fn holidays_are_left_out_and_worked_weekends_count() {
        let calendar = calendar();
        let after = |day, count| calendar.after(date(day), count).to_string();
        assert_eq!(after("2026-05-01", 1), "2026-05-02", "a Saturday that is worked");
        assert_eq!(after("2026-05-01", 2), "2026-05-04");
        assert_eq!(after("2026-05-05", 1), "2026-05-11");
        assert_eq!(after("2026-05-05", 0), "2026-05-11");
        assert_eq!(
            after("2027-05-05", 3),
            "2027-05-10",
            "weekends alone in a year nothing was announced for"
        );
        assert!(calendar.knows(2026) && !calendar.knows(2027));
        assert_eq!(calendar.after(Date::MAX, 20), Date::MAX);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let announce = |off: &[&str], worked: &[&str]| {
            let days = |texts: &[&str]| texts.iter().map(|text| date(text)).collect::<Vec<_>>();
            Calendar::default().announce(2026, &days(off), &days(worked))
        };
        assert_eq!(announce(&["2025-05-06"], &[]), Err(CalendarFault::OtherYear(date("2025-05-06"))));
        assert_eq!(announce(&["2026-05-02"], &[]), Err(CalendarFault::Idle(date("2026-05-02"))));
        assert_eq!(announce(&[], &["2026-05-06"]), Err(CalendarFault::Idle(date("2026-05-06"))));
        let twice = ["2026-05-06", "2026-05-06"];
        assert_eq!(announce(&twice, &[]), Err(CalendarFault::Twice(date("2026-05-06"))));
    }

    #[test]
    fn a_lag_ends_at_the_same_time_of_day() {
        let lag = PublicationLag::new(Arc::new(calendar()), 20);
        let noon = date("2026-11-02").beijing_midnight().plus(std::time::Duration::from_hours(12));
        let end = lag.after(noon);
        assert_eq!(end.beijing_date(), date("2026-11-30"));
        assert_eq!(end.since(end.beijing_date().beijing_midnight()), std::time::Duration::from_hours(12));
    }

    fn day() -> impl Strategy<Value = Date> {
        (2024..=2029, 1..=12, 1..=28).prop_map(|(year, month, day)| Date::try_new(year, month, day).unwrap())
    }

    /// Any days of any years off or worked.
    fn any_calendar() -> impl Strategy<Value = Calendar> {
        let days = || prop::collection::btree_set(day(), 0..80);
        (days(), days()).prop_map(|(off, worked)| {
            let mut calendar = Calendar::default();
            for year in 2024..=2028 {
                let of_year = |days: &BTreeSet<Date>, weekend| {
                    let fits = |day: &&Date| day.year() == year && day.is_weekend() == weekend;
                    days.iter().filter(fits).copied().collect::<Vec<_>>()
                };
                calendar.announce(year, &of_year(&off, false), &of_year(&worked, true)).unwrap();
            }
            calendar
        })
    }

    proptest! {
        #[test]
        fn it_lands_on_a_working_day_with_exactly_so_many_on_the_way(
            calendar in any_calendar(), from in day(), count in 1u32..60,
        ) {
            let to = calendar.after(from, count);
            prop_assert!(calendar.is_working_day(to));
            let (mut at, mut worked) = (from, 0);
            while at < to {
                at = at.next_day();
                worked += u32::from(calendar.is_working_day(at));
            }
            prop_assert_eq!(worked, count);
        }

        #[test]
        fn later_days_and_longer_waits_never_end_earlier(
            calendar in any_calendar(), one in day(), other in day(), count in 1u32..60, more in 0u32..10,
        ) {
            let (first, last) = (one.min(other), one.max(other));
            prop_assert!(calendar.after(first, count) <= calendar.after(last, count));
            prop_assert!(calendar.after(first, count) <= calendar.after(first, count + more));
            prop_assert_eq!(calendar.after(calendar.after(first, count), 1), calendar.after(first, count + 1));
        }

        #[test]
        fn a_day_that_is_worked_instead_never_makes_a_wait_longer(
            calendar in any_calendar(), from in day(), count in 1u32..60, extra in day(),
        ) {
            prop_assume!(extra.is_weekend());
            let mut more = calendar.clone();
            more.worked.insert(extra);
            prop_assert!(more.after(from, count) <= calendar.after(from, count));
        }
    }
}
