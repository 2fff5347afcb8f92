//! What is sold and said: product categories, professional content, and who is seen.

use crate::kernel::Timestamp;
use crate::registry::facts::Facts;
use crate::registry::question::{Host, Question};
use crate::registry::reason::{Fact, Reason, ReasonCode, Requirement};

/// Every requirement about what is sold and said that is not met.
pub(in crate::registry) fn reasons(facts: &Facts, question: &Question, now: Timestamp) -> Vec<Reason> {
    host(question.sale.host).into_iter().chain(penalised(facts, question, now)).collect()
}

/// Advertising Law, art. 38: who sells goods live in their own person endorses them.
fn penalised(facts: &Facts, question: &Question, now: Timestamp) -> Option<Reason> {
    let category = question.sale.categories.first()?.clone();
    let penalty = facts.penalties.iter().filter(|penalty| penalty.holds(now)).max()?;
    let reason =
        Reason::new(ReasonCode::EndorserPenalised, Fact::Category { category }, Requirement::NotPenalised);
    Some(Reason { since: Some(penalty.from()), until: Some(penalty.until()), ..reason })
}

/// Order 117, art. 37.
fn host(host: Host) -> Option<Reason> {
    let unlabelled = host == Host::SyntheticUnlabelled;
    unlabelled.then(|| Reason::new(ReasonCode::AiLabelMissing, Fact::Host { host }, Requirement::AiLabel))
}
