//! A standard as a message.

use super::codes;
use greenroom_domain::certification::{
    Condition, Parity, PartRules, Phrase, Requirement, Sourced, StandardJobType, StandardText,
};
use greenroom_domain::occupation::{JobType, Level};
use greenroom_proto::certification::v1 as wire;
use wire::application_requirement::Requirement as Which;

/// A standard, with the mark and the source of every value.
pub fn standard(text: &StandardText) -> wire::Standard {
    let standard = &text.standard;
    let job_types = standard.job_types().iter().zip(&text.job_types);
    wire::Standard {
        name: standard.id().name(),
        display_name: text.name.english.clone(),
        chinese_name: text.name.chinese.clone(),
        edition: standard.edition(),
        occupation_codes: text.codes.iter().map(code).collect(),
        job_types: job_types.map(|(known, source)| job_type(text, known, source)).collect(),
        ethics_code: text.ethics_code.iter().map(phrase).collect(),
        definition: text.definition.as_ref().map(phrase),
        ability_traits: text.ability_traits.iter().map(phrase).collect(),
        minimum_education: text.minimum_education.as_ref().map(|needed| {
            let Sourced { value, confirmation, source } = needed.clone();
            phrase(&Sourced { value: value.text, confirmation, source })
        }),
        minimum_education_diplomas: text
            .minimum_education
            .iter()
            .flat_map(|needed| &needed.value.diplomas)
            .map(|kind| codes::diploma_kind(*kind))
            .collect(),
        conditions: text
            .conditions
            .iter()
            .map(|entry| wire::ApplicationCondition {
                confirmation: codes::confirmation(entry.confirmation),
                source: entry.source.clone(),
                ..condition(&entry.value)
            })
            .collect(),
        assessment_parts: text.assessment.iter().map(part).collect(),
        retake_rule: text.retake.as_ref().map(|rule| wire::RetakeRule {
            attempts: rule.value.attempts,
            within_months: rule.value.within_months,
            confirmation: codes::confirmation(rule.confirmation),
            source: rule.source.clone(),
        }),
    }
}

fn code(code: &Sourced<String>) -> wire::SourcedText {
    wire::SourcedText {
        text: code.value.clone(),
        english: String::new(),
        confirmation: codes::confirmation(code.confirmation),
        source: code.source.clone(),
    }
}

/// A text with its mark and source.
pub fn phrase(phrase: &Sourced<Phrase>) -> wire::SourcedText {
    wire::SourcedText {
        text: phrase.value.chinese.clone(),
        english: phrase.value.english.clone(),
        confirmation: codes::confirmation(phrase.confirmation),
        source: phrase.source.clone(),
    }
}

fn number<T>(sourced: &Sourced<T>, value: i32) -> wire::SourcedNumber {
    let confirmation = codes::confirmation(sourced.confirmation);
    wire::SourcedNumber { value, confirmation, source: sourced.source.clone() }
}

fn job_type(
    text: &StandardText,
    known: &StandardJobType,
    source: &Sourced<JobType>,
) -> wire::StandardJobType {
    let hours = |level: Level| text.hours(known.job_type, level);
    let level = |level: Level| wire::StandardLevel {
        level: codes::level(level),
        training_hours: hours(level).map(|entry| number(entry, entry.value.hours)),
    };
    wire::StandardJobType {
        job_type: known.job_type.to_string(),
        levels: known.levels.iter().copied().map(level).collect(),
        display_name: known.name.english.clone(),
        chinese_name: known.name.chinese.clone(),
        confirmation: codes::confirmation(source.confirmation),
        source: source.source.clone(),
    }
}

/// A condition without its mark and source.
pub fn condition(condition: &Condition) -> wire::ApplicationCondition {
    wire::ApplicationCondition {
        id: condition.id.clone(),
        level: codes::level(condition.level),
        job_types: condition.job_types.iter().map(ToString::to_string).collect(),
        text: condition.text.chinese.clone(),
        english: condition.text.english.clone(),
        requirements: condition.requirements.iter().map(requirement).collect(),
        ..wire::ApplicationCondition::default()
    }
}

/// One thing a condition asks for.
pub fn requirement(requirement: &Requirement) -> wire::ApplicationRequirement {
    let which = match requirement {
        Requirement::Certificate { level } => {
            Which::Certificate(wire::CertificateRequirement { level: codes::level(*level) })
        }
        Requirement::Work { months, after_level } => Which::Work(wire::WorkRequirement {
            months: *months,
            after_level: after_level.map(codes::level).unwrap_or_default(),
        }),
        Requirement::Training { level, hours } => Which::Training(wire::TrainingRequirement {
            level: codes::level(*level),
            hours: hours.unwrap_or_default(),
        }),
        Requirement::Diploma { kinds, in_field, graduating_allowed } => {
            Which::Diploma(wire::DiplomaRequirement {
                kinds: kinds.iter().copied().map(codes::diploma_kind).collect(),
                in_field: *in_field,
                graduating_allowed: *graduating_allowed,
            })
        }
        Requirement::Title { rank, months } => {
            Which::Title(wire::TitleRequirement { rank: codes::title_rank(*rank), months: *months })
        }
        Requirement::Apprenticeship => Which::Apprenticeship(wire::ApprenticeshipRequirement {}),
        Requirement::Age { years } => Which::Age(wire::AgeRequirement { years: *years }),
    };
    wire::ApplicationRequirement { requirement: Some(which) }
}

fn part(rules: &PartRules) -> wire::StandardAssessmentPart {
    let assessors = rules.assessors.as_ref();
    wire::StandardAssessmentPart {
        part: codes::assessment_part(rules.part),
        levels: rules.levels.value.iter().copied().map(codes::level).collect(),
        confirmation: codes::confirmation(rules.levels.confirmation),
        source: rules.levels.source.clone(),
        pass_mark: rules.pass_mark.as_ref().map(|mark| number(mark, mark.value)),
        minimum_assessors: assessors.map(|entry| number(entry, entry.value.minimum)),
        odd_assessors: assessors.is_some_and(|entry| entry.value.parity == Parity::Odd),
    }
}
