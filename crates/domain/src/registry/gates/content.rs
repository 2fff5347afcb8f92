//! What is sold and said: product categories, professional content, and who is seen.

use crate::kernel::Timestamp;
use crate::registry::facts::Facts;
use crate::registry::question::{Host, Question};
use crate::registry::reason::{Fact, Reason, ReasonCode, Requirement};

/// Every requirement about what is sold and said that is not met.
pub(in crate::registry) fn reasons(_facts: &Facts, question: &Question, _now: Timestamp) -> Vec<Reason> {
    host(question.sale.host).into_iter().collect()
}

/// Order 117, art. 37.
fn host(host: Host) -> Option<Reason> {
    let unlabelled = host == Host::SyntheticUnlabelled;
    unlabelled.then(|| Reason::new(ReasonCode::AiLabelMissing, Fact::Host { host }, Requirement::AiLabel))
}
