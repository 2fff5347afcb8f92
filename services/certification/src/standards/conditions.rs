//! Conditions of application and hours of training, as a file has them.

use super::file::{ConditionEntry, HoursEntry, RequirementEntry};
use super::notes::Notes;
use super::read::{Place, has_level, level, sourced};
use greenroom_domain::certification::{
    Condition, DiplomaKind, Phrase, Requirement, Sourced, Standard, TitleRank, TrainingHours,
};
use greenroom_domain::occupation::{JobType, Level};
use std::collections::BTreeSet;
use toml::Spanned;

/// The longest time a condition may ask for: fifty years.
const MOST_MONTHS: i32 = 600;
const MOST_HOURS: i32 = 10_000;

/// Hours of training: one entry for a cell at most.
pub fn training_hours(
    given: &[Spanned<HoursEntry>],
    standard: &Standard,
    notes: &mut Notes<'_>,
) -> Vec<Sourced<TrainingHours>> {
    let (mut hours, mut told) = (Vec::with_capacity(given.len()), BTreeSet::new());
    for entry in given {
        let (at, it) = (entry.span(), entry.get_ref());
        let Some(level) = level(&it.level, notes) else { continue };
        let job_types = job_types(&it.job_types, level, standard, &at, notes);
        for (job_type, _) in cells(&job_types, level, standard) {
            let fresh = told.insert((job_type, level));
            notes.require(
                fresh,
                &at,
                format!("the hours of `{job_type}` at `{}` are there twice", level.code()),
            );
        }
        bounded(&it.hours, MOST_HOURS, "hours", notes);
        let value = TrainingHours { level, job_types, hours: *it.hours.get_ref() };
        hours.push(sourced(value, it.confirmation, &it.source, &at, notes));
    }
    hours
}

/// Conditions: ids once, levels that there are.
pub fn conditions(
    given: &[Spanned<ConditionEntry>],
    standard: &Standard,
    notes: &mut Notes<'_>,
) -> Vec<Sourced<Condition>> {
    let (mut conditions, mut ids) = (Vec::with_capacity(given.len()), BTreeSet::new());
    for entry in given {
        let (at, it) = (entry.span(), entry.get_ref());
        let id = it.id.get_ref();
        notes.require(is_id(id), &it.id.span(), "an id has 1 to 40 small letters, digits and hyphens");
        notes.require(ids.insert(id), &it.id.span(), format!("the condition `{id}` is there twice"));
        notes.require(!it.text.trim().is_empty(), &at, "the text is empty");
        notes.require(!it.requirements.is_empty(), &at, "a condition asks for something");
        let Some(level) = level(&it.level, notes) else { continue };
        let job_types = job_types(&it.job_types, level, standard, &at, notes);
        let read = it.requirements.iter().filter_map(|entry| requirement(entry, level, standard, notes));
        let value = Condition {
            id: id.clone(),
            level,
            job_types,
            requirements: read.collect(),
            text: Phrase { chinese: it.text.clone(), english: it.english.clone() },
        };
        conditions.push(sourced(value, it.confirmation, &it.source, &at, notes));
    }
    conditions
}

fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=40).contains(&text.len()) && text.bytes().all(plain)
}

/// The job types an entry is for; all that have the level if none is named.
fn job_types(
    given: &[Spanned<String>],
    level: Level,
    standard: &Standard,
    at: &Place,
    notes: &mut Notes<'_>,
) -> BTreeSet<JobType> {
    let mut job_types = BTreeSet::new();
    for entry in given {
        let known = JobType::from_code(entry.get_ref()).filter(|id| standard.has_cell(*id, level));
        let unknown = || format!("the standard has no `{}` at `{}`", entry.get_ref(), level.code());
        job_types.extend(notes.take(&entry.span(), known.ok_or_else(unknown)));
    }
    if given.is_empty() {
        let said = format!("no job type of the standard has the level `{}`", level.code());
        notes.require(has_level(standard, level), at, said);
    }
    job_types
}

fn cells(job_types: &BTreeSet<JobType>, level: Level, standard: &Standard) -> Vec<(JobType, Level)> {
    let of_level = standard.cells().filter(|cell| cell.1 == level);
    of_level.filter(|cell| job_types.is_empty() || job_types.contains(&cell.0)).collect()
}

fn bounded(given: &Spanned<i32>, most: i32, what: &str, notes: &mut Notes<'_>) -> i32 {
    let number = *given.get_ref();
    notes.require((1..=most).contains(&number), &given.span(), format!("{what} are 1 to {most}"));
    number
}

fn requirement(
    entry: &Spanned<RequirementEntry>,
    applied_for: Level,
    standard: &Standard,
    notes: &mut Notes<'_>,
) -> Option<Requirement> {
    let below = |given: &Spanned<String>, notes: &mut Notes<'_>| {
        let level = level(given, notes)?;
        let fits = level < applied_for && has_level(standard, level);
        notes.require(fits, &given.span(), "a certificate asked for is one of a lower level of the standard");
        Some(level)
    };
    match entry.get_ref() {
        RequirementEntry::Certificate { level } => {
            below(level, notes).map(|level| Requirement::Certificate { level })
        }
        RequirementEntry::Work { months, after_level } => {
            let months = bounded(months, MOST_MONTHS, "months", notes);
            let after_level = after_level.as_ref().map(|given| below(given, notes));
            // A level that cannot be read was noted.
            let after_level = after_level.map_or(Some(None), |read| read.map(Some))?;
            Some(Requirement::Work { months, after_level })
        }
        RequirementEntry::Training { level: given, hours } => {
            let level = level(given, notes)?;
            notes.require(has_level(standard, level), &given.span(), "the standard has no such level");
            let hours = hours.as_ref().map(|hours| bounded(hours, MOST_HOURS, "hours", notes));
            Some(Requirement::Training { level, hours })
        }
        RequirementEntry::Diploma { kinds, in_field, graduating_allowed } => {
            notes.require(!kinds.is_empty(), &entry.span(), "a diploma is of some kind");
            let kinds = kinds.iter().filter_map(|given| kind(given, notes)).collect();
            let (in_field, graduating_allowed) = (*in_field, *graduating_allowed);
            Some(Requirement::Diploma { kinds, in_field, graduating_allowed })
        }
        RequirementEntry::Title { rank: given, months } => {
            let known = TitleRank::from_code(given.get_ref());
            let unknown = || format!("titles have no rank `{}`", given.get_ref());
            let rank = notes.take(&given.span(), known.ok_or_else(unknown))?;
            let months = months.as_ref().map(|months| bounded(months, MOST_MONTHS, "months", notes));
            Some(Requirement::Title { rank, months: months.unwrap_or_default() })
        }
        RequirementEntry::Apprenticeship {} => Some(Requirement::Apprenticeship),
        RequirementEntry::Age { years } => {
            Some(Requirement::Age { years: bounded(years, 100, "years", notes) })
        }
    }
}

/// A kind of diplomas by its code.
pub fn kind(given: &Spanned<String>, notes: &mut Notes<'_>) -> Option<DiplomaKind> {
    let known = DiplomaKind::from_code(given.get_ref());
    notes.take(&given.span(), known.ok_or_else(|| format!("diplomas have no kind `{}`", given.get_ref())))
}
