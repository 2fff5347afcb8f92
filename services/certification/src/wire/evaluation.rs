//! An evaluation of an application as a message.

use super::codes;
use super::standard::{condition, requirement};
use greenroom_domain::certification::eligibility::{
    Amount, ConditionAnswer, EducationAnswer, Evaluation, RequirementAnswer,
};
use greenroom_domain::kernel::Date;
use greenroom_proto::certification::v1 as wire;
use wire::requirement_amount::Amount as Which;

/// How the conditions stand on a day.
pub fn evaluation(found: &Evaluation, on: Date) -> wire::ApplicationEvaluation {
    wire::ApplicationEvaluation {
        verdict: codes::requirement_verdict(found.verdict),
        confirmation: codes::confirmation(found.confirmation),
        conditions: found.conditions.iter().map(condition_answer).collect(),
        met_by_time_date: day(found.met_by_time_on()),
        date: on.to_string(),
        minimum_education: found.education.as_ref().map(education),
    }
}

fn education(answer: &EducationAnswer) -> wire::EducationEvaluation {
    wire::EducationEvaluation {
        verdict: codes::requirement_verdict(answer.verdict()),
        confirmation: codes::confirmation(answer.confirmation),
        source: answer.source.clone(),
        message: answer.english(),
        message_zh: answer.chinese(),
    }
}

fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn condition_answer(answer: &ConditionAnswer) -> wire::ConditionEvaluation {
    let asked = wire::ApplicationCondition {
        confirmation: codes::confirmation(answer.marked),
        source: answer.source.clone(),
        ..condition(&answer.condition)
    };
    wire::ConditionEvaluation {
        condition: Some(asked),
        verdict: codes::requirement_verdict(answer.verdict),
        confirmation: codes::confirmation(answer.confirmation),
        requirements: answer.requirements.iter().map(requirement_answer).collect(),
        message: answer.english(),
        message_zh: answer.chinese(),
        met_by_time_date: day(answer.met_by_time_on),
    }
}

fn requirement_answer(answer: &RequirementAnswer) -> wire::RequirementEvaluation {
    wire::RequirementEvaluation {
        requirement: Some(requirement(&answer.requirement)),
        verdict: codes::requirement_verdict(answer.verdict),
        have: answer.have.map(amount),
        need: answer.need.map(amount),
        message: answer.english(),
        message_zh: answer.chinese(),
    }
}

fn amount(amount: Amount) -> wire::RequirementAmount {
    let which = match amount {
        Amount::Level(level) => Which::Level(codes::level(level)),
        Amount::Work(time) => Which::WorkTime(wire::WorkTime { months: time.months(), days: time.days() }),
        Amount::Hours(hours) => Which::TrainingHours(hours),
        Amount::Years(years) => Which::AgeYears(years),
    };
    wire::RequirementAmount { amount: Some(which) }
}
