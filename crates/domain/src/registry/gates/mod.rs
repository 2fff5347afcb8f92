//! The gates, in the order of the rules. Each tells every requirement of its own that is not met.
//!
//! A gate of the law takes no policy, so that none can remove it.

mod bars;
pub(super) mod conditions;
pub(super) mod content;
pub(super) mod hard_stops;
pub(super) mod identity;
pub(super) mod level;
pub(super) mod operator;

pub use bars::{Bar, bars};

use super::facts::Facts;
use super::policy::Policy;
use super::question::Question;
use super::reason::{Reason, ReasonCode, ReasonKind};
use crate::kernel::Timestamp;
use level::{LevelGate, VerifiedLevel};

/// Every requirement of the law that is not met, with what it rests on. A rule that is not in force yet asks for nothing.
pub(super) fn of_law(facts: &Facts, question: &Question, now: Timestamp) -> Vec<Reason> {
    let mut reasons = hard_stops::reasons(facts, question, now);
    reasons.extend(identity::reasons(facts, now));
    reasons.extend(operator::reasons(facts, question, now));
    reasons.extend(content::reasons(facts, question, now));
    for reason in reasons.iter_mut().filter(|reason| reason.code.kind() == ReasonKind::Legal) {
        if reason.legal_basis.is_none() {
            reason.legal_basis = facts.rules.basis(reason.code).cloned();
        }
    }
    reasons.retain(|reason| reason.legal_basis.as_ref().is_none_or(|basis| basis.holds(now)));
    reasons
}

/// The level that passed the base of a policy, and every requirement of the policy that is not met.
pub(super) fn of_policy(
    facts: &Facts,
    question: &Question,
    policy: &Policy,
    now: Timestamp,
) -> (Option<VerifiedLevel>, Vec<Reason>) {
    let (mut verified, mut reasons) = (None, Vec::<Reason>::new());
    let tier = facts.operator.as_ref().map(|operator| operator.tier);
    for (rule, demand) in policy.demands(&question.sale, tier) {
        let unmet = match level::gate(facts, policy, demand, now) {
            LevelGate::Passed(level) => {
                verified = verified.or_else(|| rule.is_none().then_some(level));
                Vec::new()
            }
            LevelGate::Failed(obstacles) => obstacles,
        };
        for reason in unmet.into_iter().chain(conditions::reasons(facts, demand, now)) {
            let reason =
                Reason { policy_revision: Some(policy.terms().revision), policy_rule: rule, ..reason };
            // What is asked twice is told once, by the first that asks.
            let told = |before: &Reason| Reason { policy_rule: rule, ..before.clone() } == reason;
            if !reasons.iter().any(told) {
                reasons.push(reason);
            }
        }
    }
    (verified, reasons)
}

/// Whether a reason counts under a policy: an entry of an association's list does if the policy says so, and rests on it then.
pub(super) fn counts(reason: &mut Reason, policy: Option<&Policy>) -> bool {
    if reason.code != ReasonCode::IndustryListed {
        return true;
    }
    reason.policy_revision = policy.map(|policy| policy.terms().revision);
    policy.is_some_and(|policy| policy.terms().heeds_associations)
}
