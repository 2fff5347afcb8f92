//! How long somebody has worked.
//!
//! A day counts once, however many periods cover it, and only when it is over. A whole calendar month, from any day to
//! the day before the same day of the next month, is a month. Days left over count a thirty-first of a month each. So an
//! unbroken time of three years by the calendar is three years to the day, many short times add up, and no further
//! evidence can ever make the sum smaller.

use super::history::WorkPeriod;
use crate::kernel::Date;
use std::collections::VecDeque;

/// Days of the longest month: what a day that is left over is a part of.
const DAYS: i64 = 31;

/// A time of work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkTime(i64);

impl WorkTime {
    /// So many whole months.
    pub fn of_months(months: i32) -> Self {
        Self(i64::from(months) * DAYS)
    }

    /// The whole months in it.
    pub fn months(self) -> i32 {
        i32::try_from(self.0 / DAYS).unwrap_or(i32::MAX)
    }

    /// The days beyond the whole months, 0 to 30.
    pub fn days(self) -> i32 {
        i32::try_from(self.0 % DAYS).unwrap_or_default()
    }
}

/// How long somebody has worked, and when it is long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Worked {
    /// The time by the day asked about.
    pub time: WorkTime,
    /// The first day on which it is long enough, if what goes on goes on; none if it never is.
    pub enough_on: Option<Date>,
}

/// The time worked in `periods` from `since` on, by the day `on`, and the day on which it reaches `enough`.
pub(super) fn worked(periods: &[WorkPeriod], since: Option<Date>, on: Date, enough: WorkTime) -> Worked {
    let mut count = Count { time: 0, by_on: None, on, enough: enough.0, enough_on: None };
    for span in spans(periods, since) {
        count.add(span);
    }
    let time = WorkTime(count.by_on.unwrap_or(count.time));
    Worked { time, enough_on: count.enough_on }
}

/// Days one behind another, without the last; without an end while it goes on.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: Date,
    end: Option<Date>,
}

/// The periods as spans that do not touch, in their order.
fn spans(periods: &[WorkPeriod], since: Option<Date>) -> Vec<Span> {
    let clipped = periods.iter().map(|period| Span {
        from: since.map_or(period.from, |since| since.max(period.from)),
        end: period.to.map(Date::next_day),
    });
    let mut all: Vec<Span> = clipped.filter(|span| span.end.is_none_or(|end| span.from < end)).collect();
    all.sort_by_key(|span| span.from);
    let mut merged: Vec<Span> = Vec::with_capacity(all.len());
    for span in all {
        match merged.last_mut() {
            Some(last) if last.end.is_none_or(|end| span.from <= end) => {
                last.end = last.end.zip(span.end).map(|(one, other)| one.max(other));
            }
            _ => merged.push(span),
        }
    }
    merged
}

/// Counts day by day, in thirty-firsts of a month: whether a month is better begun here or a day later shows only behind it.
struct Count {
    /// The most that the days gone through so far come to.
    time: i64,
    by_on: Option<i64>,
    on: Date,
    enough: i64,
    enough_on: Option<Date>,
}

impl Count {
    fn add(&mut self, span: Span) {
        let mut day = span.from;
        // Months under way: the day on which each is over, and what the days up to then come to with it.
        let mut under_way: VecDeque<(Date, i64)> = VecDeque::new();
        loop {
            self.look(day);
            let over = span.end.is_some_and(|end| day >= end) || day == Date::MAX;
            if over || (self.by_on.is_some() && self.enough_on.is_some()) {
                return;
            }
            under_way.push_back((day.plus_months(1), self.time + DAYS));
            day = day.next_day();
            self.time += 1;
            while let Some((_, time)) = under_way.pop_front_if(|(end, _)| *end <= day) {
                self.time = self.time.max(time);
            }
        }
    }

    /// Notes what the days before this one come to.
    fn look(&mut self, day: Date) {
        if self.by_on.is_none() && day >= self.on {
            self.by_on = Some(self.time);
        }
        if self.enough_on.is_none() && self.time >= self.enough {
            self.enough_on = Some(day);
        }
    }
}
