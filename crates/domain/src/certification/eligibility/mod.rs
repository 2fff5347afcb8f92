//! Whether somebody may apply for a cell of a standard 申报条件, and what is missing.
//!
//! [`evaluate`] is a pure function of the standard's text, what somebody has done, and a day. Of the conditions of a cell any
//! one suffices; each answer says whether the value it rests on was read in its source, because nothing may be decided on
//! an unconfirmed value alone.

mod answer;
mod chinese;
mod education;
mod english;
mod history;
mod work;

pub use answer::{Amount, ConditionAnswer, Evaluation, RequirementAnswer, Verdict};
pub use education::EducationAnswer;
pub use history::{
    ApplicationHistory, CompletedTraining, FieldRelation, HeldCertificate, HeldDiploma, HeldTitle,
    OccupationRelation, WorkPeriod,
};
pub use work::WorkTime;

use super::{Condition, Confirmation, DiplomaKind, Requirement, Sourced, StandardText, TitleRank};
use crate::kernel::Date;
use crate::occupation::{JobType, Level};
use std::collections::BTreeSet;
use work::worked;

/// How far ahead a graduation may lie for somebody who graduates this year 应届毕业生, in months.
const GRADUATING: i32 = 12;

/// Holds a history against every condition of a cell, as things stand on a day in Beijing.
pub fn evaluate(
    text: &StandardText,
    job_type: JobType,
    level: Level,
    history: &ApplicationHistory,
    on: Date,
) -> Evaluation {
    let asked = Asked { text, job_type, history, on };
    let conditions = text.conditions_of(job_type, level).map(|condition| asked.condition(condition));
    let education =
        text.minimum_education.as_ref().and_then(|needed| EducationAnswer::of(needed, history, on));
    Evaluation { education, ..Evaluation::of(conditions.collect()) }
}

/// What every answer rests on.
#[derive(Clone, Copy)]
struct Asked<'a> {
    text: &'a StandardText,
    job_type: JobType,
    history: &'a ApplicationHistory,
    on: Date,
}

impl Asked<'_> {
    fn condition(&self, condition: &Sourced<Condition>) -> ConditionAnswer {
        let requirements = condition.value.requirements.iter();
        let answers: Vec<RequirementAnswer> =
            requirements.map(|requirement| self.requirement(requirement)).collect();
        let hours =
            condition.value.requirements.iter().filter_map(|requirement| self.standard_hours(requirement));
        let confirmation = hours.map(|(_, confirmation)| confirmation);
        let confirmation = confirmation.fold(condition.confirmation, Confirmation::and);
        ConditionAnswer::of(condition, confirmation, answers)
    }

    fn requirement(&self, requirement: &Requirement) -> RequirementAnswer {
        match requirement {
            Requirement::Certificate { level } => self.certificate(*level),
            Requirement::Work { months, after_level } => self.work(requirement, *months, *after_level),
            Requirement::Training { level, hours } => {
                let standard = self.standard_hours(requirement).map(|(hours, _)| hours);
                self.training(requirement, *level, hours.or(standard))
            }
            Requirement::Diploma { kinds, in_field, graduating_allowed } => {
                let ahead = if *graduating_allowed { GRADUATING } else { 0 };
                let begins = self.diploma(kinds, *in_field, ahead);
                RequirementAnswer::dated(requirement.clone(), begins, self.on)
            }
            Requirement::Title { rank, months } => self.title(requirement, *rank, *months),
            Requirement::Apprenticeship => {
                RequirementAnswer::dated(requirement.clone(), self.history.apprenticeship_end, self.on)
            }
            Requirement::Age { years } => RequirementAnswer::aged(*years, self.history.age_reached),
        }
    }

    /// The day from which a certificate of a level or a higher one is held.
    fn held_from(&self, level: Level) -> Option<Date> {
        let own = self.history.certificates.iter().filter(|held| held.job_type == self.job_type);
        own.filter(|held| held.level.meets_minimum(level)).map(|held| held.issue_date).min()
    }

    fn certificate(&self, level: Level) -> RequirementAnswer {
        let own = self.history.certificates.iter().filter(|held| held.job_type == self.job_type);
        let highest = own.filter(|held| held.issue_date <= self.on).map(|held| held.level).max();
        let answer =
            RequirementAnswer::dated(Requirement::Certificate { level }, self.held_from(level), self.on);
        answer.with(highest.map(Amount::Level), Amount::Level(level))
    }

    fn work(&self, requirement: &Requirement, months: i32, after: Option<Level>) -> RequirementAnswer {
        let enough = WorkTime::of_months(months);
        let done = match after.map(|level| self.held_from(level)) {
            // Nothing counts before there is such a certificate.
            Some(None) => None,
            since => Some(worked(&self.history.work, since.flatten(), self.on, enough)),
        };
        let time = done.map(|done| done.time).unwrap_or_default();
        let answer =
            RequirementAnswer::dated(requirement.clone(), done.and_then(|done| done.enough_on), self.on);
        answer.with(Some(Amount::Work(time)), Amount::Work(enough))
    }

    /// The hours the standard itself asks for, where a requirement leaves them to it.
    fn standard_hours(&self, requirement: &Requirement) -> Option<(i32, Confirmation)> {
        match requirement {
            Requirement::Training { level, hours: None } => {
                self.text.hours(self.job_type, *level).map(|entry| (entry.value.hours, entry.confirmation))
            }
            _ => None,
        }
    }

    /// One training that is long enough; several that are not do not add up to one.
    fn training(&self, requirement: &Requirement, level: Level, hours: Option<i32>) -> RequirementAnswer {
        let fitting = |it: &&CompletedTraining| it.job_type == self.job_type && it.level == level;
        let all = self.history.trainings.iter().filter(fitting);
        let longest = all.clone().filter(|it| it.completion_date <= self.on).map(|it| it.hours).max();
        let enough = all.filter(|it| hours.is_none_or(|hours| it.hours >= hours));
        let begins = enough.map(|it| it.completion_date).min();
        let answer = RequirementAnswer::dated(requirement.clone(), begins, self.on);
        match hours {
            Some(hours) => answer.with(longest.map(Amount::Hours), Amount::Hours(hours)),
            None => answer,
        }
    }

    fn diploma(&self, kinds: &BTreeSet<DiplomaKind>, in_field: bool, ahead: i32) -> Option<Date> {
        let fitting = self.history.diplomas.iter().filter(|it| kinds.contains(&it.kind));
        let fitting = fitting.filter(|it| !in_field || it.field == FieldRelation::InField);
        fitting.map(|it| it.graduation_date.plus_months(-ahead)).min()
    }

    fn title(&self, requirement: &Requirement, rank: TitleRank, months: i32) -> RequirementAnswer {
        let awarded = self.history.titles.iter().filter(|it| it.rank >= rank).map(|it| it.award_date).min();
        if months == 0 {
            return RequirementAnswer::dated(requirement.clone(), awarded, self.on);
        }
        let enough = WorkTime::of_months(months);
        let done = awarded.map(|since| worked(&self.history.work, Some(since), self.on, enough));
        let begins = done.and_then(|done| done.enough_on);
        let answer = RequirementAnswer::dated(requirement.clone(), begins, self.on);
        answer.with(done.map(|done| Amount::Work(done.time)), Amount::Work(enough))
    }
}

#[cfg(test)]
mod tests;
