//! What a standard's file means, and everything that is wrong with it.

use super::conditions;
use super::file::{
    AssessorsEntry, EducationEntry, File, JobTypeEntry, Mark, ParityEntry, PartEntry, RetakeEntry, Text,
};
use super::notes::Notes;
use greenroom_domain::certification::{
    AssessmentPart, Assessors, FULL_MARK, MinimumEducation, OccupationCode, Parity, PartRules, Phrase,
    RetakeRule, Sourced, Standard, StandardJobType, StandardText,
};
use greenroom_domain::kernel::StandardId;
use greenroom_domain::occupation::{JobType, JobTypeName, Level};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;

/// A place in the text.
pub type Place = Range<usize>;

/// Reads a standard. `None` only where something was noted.
pub fn standard(text: &str, notes: &mut Notes<'_>) -> Option<StandardText> {
    let file: File = match toml::from_str(text) {
        Ok(file) => file,
        Err(fault) => {
            notes.add(fault.span().as_ref(), fault.message());
            return None;
        }
    };
    let id = notes.take(&file.id.span(), StandardId::try_new(file.id.get_ref()));
    let edition = *file.edition.get_ref();
    notes.require((1900..=9999).contains(&edition), &file.edition.span(), "an edition is a year");
    for name in [&file.display_name, &file.chinese_name] {
        notes.require(is_line(name.get_ref()), &name.span(), "a name has 1 to 80 characters, on one line");
    }
    let codes = codes(&file.occupation_codes, notes);
    let job_types: Vec<(StandardJobType, Sourced<JobType>)> =
        file.job_types.iter().filter_map(|entry| job_type(entry, notes)).collect();
    let (job_types, sources) = job_types.into_iter().unzip();
    // Without a whole list of cells everything below would be told wrong.
    let whole = id.filter(|_| notes.is_clean())?;
    let standard =
        Standard::try_new(whole, codes.iter().map(|(code, _)| code.clone()).collect(), edition, job_types);
    let standard = standard.map_err(|fault| notes.add(None, fault)).ok()?;
    let prose = |texts: &[Spanned<Text>], notes: &mut Notes<'_>| {
        texts.iter().filter_map(|entry| phrase(entry, notes)).collect::<Vec<_>>()
    };
    Some(StandardText {
        name: Phrase { chinese: file.chinese_name.into_inner(), english: file.display_name.into_inner() },
        codes: codes.into_iter().map(|(_, sourced)| sourced).collect(),
        definition: file.definition.as_ref().and_then(|entry| phrase(entry, notes)),
        ability_traits: prose(&file.ability_traits, notes),
        minimum_education: file.minimum_education.as_ref().and_then(|entry| education(entry, notes)),
        ethics_code: prose(&file.ethics_code, notes),
        job_types: sources,
        training_hours: conditions::training_hours(&file.training_hours, &standard, notes),
        conditions: conditions::conditions(&file.conditions, &standard, notes),
        assessment: assessment(&file.assessment, &standard, notes),
        retake: file.retake.as_ref().and_then(|entry| retake(entry, notes)),
        standard,
    })
}

/// A value with its source; a source that is not named is noted.
pub fn sourced<T>(value: T, mark: Mark, source: &str, at: &Place, notes: &mut Notes<'_>) -> Sourced<T> {
    notes.require(!source.trim().is_empty(), at, "the value names no source");
    Sourced { value, confirmation: mark.into(), source: source.to_owned() }
}

/// A level by its code.
pub fn level(given: &Spanned<String>, notes: &mut Notes<'_>) -> Option<Level> {
    let known = Level::from_code(given.get_ref());
    notes.take(&given.span(), known.ok_or_else(|| format!("there is no level `{}`", given.get_ref())))
}

/// Levels, each once.
pub fn levels(given: &[Spanned<String>], notes: &mut Notes<'_>) -> BTreeSet<Level> {
    let mut levels = BTreeSet::new();
    for entry in given {
        if let Some(level) = level(entry, notes) {
            let said = format!("the level `{}` is there twice", level.code());
            notes.require(levels.insert(level), &entry.span(), said);
        }
    }
    levels
}

fn is_line(text: &str) -> bool {
    (1..=80).contains(&text.trim().chars().count()) && !text.chars().any(char::is_control)
}

fn codes(given: &[Spanned<Text>], notes: &mut Notes<'_>) -> Vec<(OccupationCode, Sourced<String>)> {
    let mut codes = Vec::with_capacity(given.len());
    for entry in given {
        let (at, text) = (entry.span(), entry.get_ref());
        let said = sourced(text.chinese.clone(), text.confirmation, &text.source, &at, notes);
        let code =
            OccupationCode::try_new(&text.chinese).map_err(|fault| format!("`{}`: {fault}", text.chinese));
        codes.extend(notes.take(&at, code).map(|code| (code, said)));
    }
    codes
}

fn phrase(entry: &Spanned<Text>, notes: &mut Notes<'_>) -> Option<Sourced<Phrase>> {
    let (at, text) = (entry.span(), entry.get_ref());
    let written = notes.require(!text.chinese.trim().is_empty(), &at, "the text is empty");
    let value = Phrase { chinese: text.chinese.clone(), english: text.english.clone() };
    let said = sourced(value, text.confirmation, &text.source, &at, notes);
    written.then_some(said)
}

fn education(entry: &Spanned<EducationEntry>, notes: &mut Notes<'_>) -> Option<Sourced<MinimumEducation>> {
    let (at, given) = (entry.span(), entry.get_ref());
    let written = notes.require(!given.chinese.trim().is_empty(), &at, "the text is empty");
    let text = Phrase { chinese: given.chinese.clone(), english: given.english.clone() };
    let diplomas = given.diplomas.iter().filter_map(|kind| conditions::kind(kind, notes)).collect();
    let value = MinimumEducation { text, diplomas };
    let said = sourced(value, given.confirmation, &given.source, &at, notes);
    written.then_some(said)
}

fn job_type(
    entry: &Spanned<JobTypeEntry>,
    notes: &mut Notes<'_>,
) -> Option<(StandardJobType, Sourced<JobType>)> {
    let (at, given) = (entry.span(), entry.get_ref());
    let id = JobType::try_new(given.job_type.get_ref());
    let id = id.map_err(|fault| format!("`{}`: {fault}", given.job_type.get_ref()));
    let job_type = notes.take(&given.job_type.span(), id)?;
    let levels = levels(&given.levels, notes);
    let name = JobTypeName { english: given.display_name.clone(), chinese: given.chinese_name.clone() };
    let source = sourced(job_type, given.confirmation, &given.source, &at, notes);
    Some((StandardJobType { job_type, name, levels }, source))
}

fn assessment(given: &[Spanned<PartEntry>], standard: &Standard, notes: &mut Notes<'_>) -> Vec<PartRules> {
    let mut parts: Vec<PartRules> = given.iter().filter_map(|entry| part(entry, standard, notes)).collect();
    parts.sort_by_key(|rules| rules.part);
    for pair in parts.windows(2) {
        if let [one, other] = pair
            && one.part == other.part
        {
            notes.add(None, format!("the part `{}` of the assessment is there twice", one.part.code()));
        }
    }
    parts
}

fn part(entry: &Spanned<PartEntry>, standard: &Standard, notes: &mut Notes<'_>) -> Option<PartRules> {
    let (at, given) = (entry.span(), entry.get_ref());
    let known = AssessmentPart::from_code(given.part.get_ref());
    let unknown = || format!("an assessment has no part `{}`", given.part.get_ref());
    let part = notes.take(&given.part.span(), known.ok_or_else(unknown))?;
    let levels = levels(&given.levels, notes);
    notes.require(!levels.is_empty(), &at, "a part is taken at one level at least");
    for level in levels.iter().filter(|level| !has_level(standard, **level)) {
        notes.add(Some(&at), format!("no job type of the standard has the level `{}`", level.code()));
    }
    let pass_mark = given.pass_mark.as_ref().map(|mark| {
        let (at, mark) = (mark.span(), mark.get_ref());
        let bounded = (1..=FULL_MARK).contains(&mark.score);
        notes.require(bounded, &at, "a part is passed at a score between 1 and 100");
        sourced(mark.score, mark.confirmation, &mark.source, &at, notes)
    });
    let assessors = given.assessors.as_ref().map(|entry| assessors(entry, notes));
    let levels = sourced(levels, given.confirmation, &given.source, &at, notes);
    Some(PartRules { part, levels, pass_mark, assessors })
}

fn assessors(entry: &Spanned<AssessorsEntry>, notes: &mut Notes<'_>) -> Sourced<Assessors> {
    let (at, given) = (entry.span(), entry.get_ref());
    notes.require((1..=99).contains(&given.minimum), &at, "a part needs between 1 and 99 assessors");
    let parity = match given.parity {
        ParityEntry::Odd => Parity::Odd,
        ParityEntry::Any => Parity::Any,
    };
    let value = Assessors { minimum: given.minimum, parity };
    sourced(value, given.confirmation, &given.source, &at, notes)
}

fn retake(entry: &Spanned<RetakeEntry>, notes: &mut Notes<'_>) -> Option<Sourced<RetakeRule>> {
    let (at, given) = (entry.span(), entry.get_ref());
    let bounded = (1..=99).contains(&given.attempts) && (1..=120).contains(&given.within_months);
    let said = "a retake rule has 1 to 99 attempts within 1 to 120 months";
    let fits = notes.require(bounded, &at, said);
    let value = RetakeRule { attempts: given.attempts, within_months: given.within_months };
    let rule = sourced(value, given.confirmation, &given.source, &at, notes);
    fits.then_some(rule)
}

/// Whether some job type has a level.
pub fn has_level(standard: &Standard, level: Level) -> bool {
    standard.cells().any(|cell| cell.1 == level)
}
