//! The Chinese working days this service counts by: data files, one a year, checked when the service starts.

use crate::standards::{self, Mark};
use greenroom_domain::certification::{Calendar, Confirmation};
use greenroom_domain::kernel::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

const BUILT_IN: &[(&str, &str)] = &[
    ("2025.toml", include_str!("../data/calendar/2025.toml")),
    ("2026.toml", include_str!("../data/calendar/2026.toml")),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: i32,
    holidays: Vec<Holiday>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    english: String,
    from: String,
    to: String,
    #[serde(default)]
    worked: Vec<String>,
    confirmation: Mark,
    source: String,
}

/// A file that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
#[error("the calendar `{file}` cannot be used: {why}")]
pub struct CalendarError {
    file: String,
    why: String,
}

/// Every year that something is known of.
#[derive(Clone, Debug, Default)]
pub struct WorkingDays {
    /// The days.
    pub calendar: Calendar,
    /// How sure each year is: as sure as its least sure day.
    pub years: BTreeMap<i32, Confirmation>,
}

impl WorkingDays {
    /// Those built in and those of a folder, whose files replace those built in of the same year. The first file that
    /// cannot be used is told with its reason.
    pub fn load(folder: Option<&Path>) -> Result<Self, CalendarError> {
        let mut files = BTreeMap::new();
        for (file, text) in BUILT_IN {
            let parsed = parse(file, text)?;
            files.insert(parsed.year, ((*file).to_owned(), parsed));
        }
        if let Some(folder) = folder {
            for (file, text) in standards::files(folder) {
                let text =
                    text.map_err(|faults| CalendarError { file: file.clone(), why: faults.join("; ") })?;
                let parsed = parse(&file, &text)?;
                files.insert(parsed.year, (file, parsed));
            }
        }
        let mut all = Self::default();
        for (year, (file, parsed)) in files {
            let sure = all.add(&parsed).map_err(|why| CalendarError { file, why })?;
            all.years.insert(year, sure);
        }
        Ok(all)
    }

    fn add(&mut self, file: &File) -> Result<Confirmation, String> {
        let (mut off, mut worked, mut sure) = (Vec::new(), Vec::new(), Confirmation::Confirmed);
        for holiday in &file.holidays {
            let told = |fault: String| format!("`{}` ({}): {fault}", holiday.name, holiday.english);
            let day = |text: &str| Date::parse(text).map_err(|fault| told(format!("`{text}`: {fault}")));
            let (mut at, last) = (day(&holiday.from)?, day(&holiday.to)?);
            if at > last || holiday.source.trim().is_empty() {
                return Err(told("`to` lies before `from`, or `source` is empty".to_owned()));
            }
            while at <= last && at < Date::MAX {
                off.extend((!at.is_weekend()).then_some(at));
                at = at.next_day();
            }
            for text in &holiday.worked {
                worked.push(day(text)?);
            }
            if Confirmation::from(holiday.confirmation) == Confirmation::Unconfirmed {
                sure = Confirmation::Unconfirmed;
            }
        }
        self.calendar.announce(file.year, &off, &worked).map_err(|fault| fault.to_string())?;
        Ok(sure)
    }

    /// Tells the log once which of two years are not sure: deadlines that reach into them may move.
    pub fn warn_of(&self, year: i32) {
        for year in [year, year + 1] {
            match self.years.get(&year) {
                Some(Confirmation::Confirmed) => {}
                Some(Confirmation::Unconfirmed) => {
                    tracing::warn!(year, "the calendar of working days is unconfirmed");
                }
                None => tracing::warn!(
                    year,
                    "no calendar of working days: every day from Monday to Friday counts, unconfirmed; add a file to `calendar_dir`"
                ),
            }
        }
    }
}

fn parse(file: &str, text: &str) -> Result<File, CalendarError> {
    toml::from_str(text).map_err(|fault| CalendarError { file: file.to_owned(), why: fault.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn the_years_built_in_have_their_working_days() {
        let days = WorkingDays::load(None).unwrap();
        for (year, expected) in [(2025, 248), (2026, 248)] {
            let mut day = Date::try_new(year, 1, 1).unwrap();
            let mut worked = 0;
            while day.year() == year {
                worked += i32::from(days.calendar.is_working_day(day));
                day = day.next_day();
            }
            assert_eq!(worked, expected, "{year}");
            assert_eq!(days.years.get(&year), Some(&Confirmation::Confirmed));
        }
        for text in ["2026-02-14", "2026-02-28", "2026-10-10", "2025-10-11"] {
            assert!(days.calendar.is_working_day(date(text)), "{text}");
        }
        for text in ["2026-02-16", "2026-10-07", "2025-10-08", "2026-06-19"] {
            assert!(!days.calendar.is_working_day(date(text)), "{text}");
        }
        // By weekends alone it would be 9 October.
        assert_eq!(days.calendar.after(date("2026-09-18"), 15).to_string(), "2026-10-15");
    }

    #[test]
    fn a_folder_adds_a_year_and_corrects_one() {
        let folder = tempfile::tempdir().unwrap();
        let text = BUILT_IN[1]
            .1
            .replace("2026", "2027")
            .replace("confirmation = \"confirmed\"", "confirmation = \"unconfirmed\"");
        // The weekends of 2027 lie elsewhere.
        let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("worked")).collect();
        std::fs::write(folder.path().join("2027.toml"), text.join("\n")).unwrap();
        std::fs::write(folder.path().join("again.toml"), "year = 2026\nholidays = []\n").unwrap();
        let days = WorkingDays::load(Some(folder.path())).unwrap();
        assert_eq!(days.years.get(&2027), Some(&Confirmation::Unconfirmed));
        assert!(
            days.calendar.is_working_day(date("2026-10-01"))
                && !days.calendar.is_working_day(date("2027-10-01"))
        );
    }

    #[test]
    fn a_file_that_cannot_be_used_is_told_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let text = BUILT_IN[1].1.replace("\"2026-10-10\"", "\"2026-10-12\"");
        std::fs::write(folder.path().join("2026.toml"), text).unwrap();
        let said = WorkingDays::load(Some(folder.path())).unwrap_err().to_string();
        assert!(said.contains("2026.toml") && said.contains("2026-10-12"), "{said}");
    }
}
