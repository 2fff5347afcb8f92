//! What is there and what is missing, in English.

use super::answer::{Amount, RequirementAnswer, Verdict};
use super::work::WorkTime;
use crate::certification::Requirement;

pub(super) fn requirement(answer: &RequirementAnswer) -> String {
    let met = answer.verdict == Verdict::Met;
    match &answer.requirement {
        Requirement::Certificate { level } => {
            let word = if met { "held" } else { "missing" };
            format!("certificate of {} or higher {word}", level.english())
        }
        Requirement::Work { after_level, .. } => {
            let after = after_level.map(|level| format!("after {}", level.english()));
            format!("{} {}", share(answer), after.as_deref().unwrap_or("of work"))
        }
        Requirement::Training { level, .. } if met => format!("training for {} completed", level.english()),
        Requirement::Training { level, .. } => match (answer.have, answer.need) {
            (Some(Amount::Hours(have)), Some(Amount::Hours(need))) => {
                format!("training for {} had {have} of {need} hours", level.english())
            }
            _ => format!("training certificate for {} missing", level.english()),
        },
        Requirement::Diploma { kinds, in_field, .. } => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.english()).collect();
            let field = if *in_field { " in the field" } else { "" };
            let word = if met { "there" } else { "missing" };
            format!("diploma{field} ({}) {word}", kinds.join(" or "))
        }
        Requirement::Title { rank, .. } => match answer.have {
            Some(Amount::Work(_)) => format!("{} after the {}", share(answer), rank.english()),
            _ if met => format!("{} held", rank.english()),
            _ => format!("{} missing", rank.english()),
        },
        Requirement::Apprenticeship if met => "apprenticeship finished".to_owned(),
        Requirement::Apprenticeship => "finished apprenticeship missing".to_owned(),
        Requirement::Age { years } => match answer.verdict {
            Verdict::Met => format!("age of {years} reached"),
            Verdict::NotMet => format!("age of {years} not reached"),
            Verdict::Unknown => format!("age not known, {years} needed"),
        },
    }
}

fn share(answer: &RequirementAnswer) -> String {
    let length = |amount| match amount {
        Some(Amount::Work(time)) => length(time),
        _ => length(WorkTime::default()),
    };
    format!("{} of {}", length(answer.have), length(answer.need))
}

fn length(time: WorkTime) -> String {
    match (time.months() / 12, time.months() % 12) {
        (0, 0) => format!("{} d", time.days()),
        (0, months) => format!("{months} m"),
        (years, 0) => format!("{years} y"),
        (years, months) => format!("{years} y {months} m"),
    }
}
