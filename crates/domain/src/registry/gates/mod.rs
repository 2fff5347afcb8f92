//! The gates, in the order of the rules. Each tells every requirement of its own that is not met.
//!
//! A gate of the law takes no policy, so that none can remove it.

pub(super) mod content;
pub(super) mod hard_stops;
pub(super) mod identity;
pub(super) mod level;
pub(super) mod operator;

use super::facts::Facts;
use super::question::{Question, Sale};
use super::reason::{Reason, ReasonCode};
use crate::kernel::Timestamp;

/// Every requirement of the law that is not met.
pub(super) fn of_law(facts: &Facts, question: &Question, now: Timestamp) -> Vec<Reason> {
    let mut reasons = hard_stops::reasons(facts, question, now);
    reasons.extend(identity::reasons(facts, now));
    reasons.extend(operator::reasons(facts, question, now));
    reasons.extend(content::reasons(facts, question, now));
    reasons
}

/// What a bar stands against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// Another account of the person.
    Enrolment,
    /// That an account changes hands.
    Rebinding,
}

/// What bars a person, or an account and the person behind it, at `now`: nobody comes back under another name.
///
/// An account changes hands only where no sanction and no blocklist entry holds at all. A new one is refused where the person
/// is listed or may not register again; of other sanctions every decision about it tells.
pub fn bars(facts: &Facts, bar: Bar, now: Timestamp) -> Vec<Reason> {
    let functions = facts.sanctions.iter().flat_map(|sanction| sanction.functions.iter().cloned());
    let question = Question::of_sale(Sale { functions: functions.collect(), ..Sale::default() });
    let mut reasons = hard_stops::reasons(facts, &question, now);
    reasons.retain(|reason| match bar {
        Bar::Rebinding => true,
        Bar::Enrolment => {
            matches!(reason.code, ReasonCode::Blocklisted | ReasonCode::ReregistrationForbidden)
        }
    });
    reasons
}
