//! What the platform reports about its streamers, and its policy asks for.

use crate::kernel::Timestamp;
use crate::registry::condition::{Condition, ConditionFact};
use crate::registry::facts::Facts;
use crate::registry::policy::Demand;
use crate::registry::reason::{Fact, Reason, ReasonCode, Requirement};

/// Every condition of a demand that is not met. What was never reported, or no longer counts, is not met.
pub(in crate::registry) fn reasons(
    facts: &Facts,
    demand: &Demand,
    now: Timestamp,
) -> impl Iterator<Item = Reason> {
    demand.conditions.iter().filter_map(move |(condition, minimum)| {
        let reported = facts.conditions.iter().find(|fact| fact.condition == *condition).copied();
        let counts =
            |fact: &ConditionFact| fact.until.is_none_or(|until| now < until) && fact.value >= *minimum;
        if reported.as_ref().is_some_and(counts) {
            return None;
        }
        let fact = Fact::Condition { condition: *condition, reported };
        let requirement = Requirement::Condition { condition: *condition, minimum: *minimum };
        Some(Reason::new(code(*condition), fact, requirement))
    })
}

const fn code(condition: Condition) -> ReasonCode {
    match condition {
        Condition::Score => ReasonCode::ScoreTooLow,
        Condition::Deposit => ReasonCode::DepositMissing,
        Condition::Training => ReasonCode::TrainingMissing,
    }
}
