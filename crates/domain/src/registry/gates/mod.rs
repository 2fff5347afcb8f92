//! The gates, in the order of the rules. Each tells every requirement of its own that is not met.
//!
//! A gate of the law takes no policy, so that none can remove it.

pub(super) mod content;
pub(super) mod hard_stops;
pub(super) mod identity;
pub(super) mod level;
pub(super) mod operator;

use super::facts::Facts;
use super::question::Question;
use super::reason::Reason;
use crate::kernel::Timestamp;

/// Every requirement of the law that is not met.
pub(super) fn of_law(facts: &Facts, question: &Question, now: Timestamp) -> Vec<Reason> {
    let mut reasons = hard_stops::reasons(facts, question, now);
    reasons.extend(identity::reasons(facts, now));
    reasons.extend(operator::reasons(facts, question, now));
    reasons.extend(content::reasons(facts, question, now));
    reasons
}
