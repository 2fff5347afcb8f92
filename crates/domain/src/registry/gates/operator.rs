//! Where the sale takes place: the operator of the room, and who is engaged there.

use crate::kernel::{LiveSessionId, RoomOperatorId, Timestamp};
use crate::registry::facts::Facts;
use crate::registry::operator::OperatorFact;
use crate::registry::question::{Question, Sale};
use crate::registry::reason::{Fact, Reason, ReasonCode, Requirement};
use crate::registry::rules::RuleSet;

/// Every requirement about the room's operator that is not met; none where no operator was named. A session that was named
/// has to have the person on its roster.
pub(in crate::registry) fn reasons(facts: &Facts, question: &Question, now: Timestamp) -> Vec<Reason> {
    let mut reasons = Vec::new();
    reasons.extend(question.session.as_ref().and_then(|session| roster(facts, session)));
    if let Some(operator) = &question.sale.operator {
        reasons.extend(affiliation(facts, operator, now));
        match &facts.operator {
            None => reasons.push(Reason::new(
                ReasonCode::OperatorUnverified,
                Fact::OperatorUnknown { operator: operator.clone() },
                Requirement::OperatorVerified,
            )),
            Some(known) => {
                reasons.extend(verification(known, now));
                reasons.extend(licences(&facts.rules, known, &question.sale, now));
            }
        }
    }
    reasons
}

/// Order 117: the operator submits its verified marketers before each session.
fn roster(facts: &Facts, session: &LiveSessionId) -> Option<Reason> {
    let admitted = facts.roster.as_ref().is_some_and(|roster| roster.admitted);
    let fact = Fact::OtherRoster { session: session.clone() };
    (!admitted).then(|| Reason::new(ReasonCode::NotOnRoster, fact, Requirement::OnRoster))
}

/// Order 117: the operator verifies whom its marketers belong to.
fn affiliation(facts: &Facts, operator: &RoomOperatorId, now: Timestamp) -> Option<Reason> {
    let mut with = facts.engagements.iter().filter(|engagement| engagement.operator == *operator);
    if with.clone().any(|engagement| engagement.holds(now)) {
        return None;
    }
    let past = with.clone().filter_map(|engagement| engagement.until).filter(|until| *until <= now).max();
    let next = with.by_ref().filter(|it| it.until.is_none_or(|until| it.from < until));
    let next = next.map(|engagement| engagement.from).filter(|from| *from > now).min();
    let fact = Fact::NoEngagement { operator: operator.clone() };
    let reason = Reason::new(ReasonCode::AffiliationUnproven, fact, Requirement::Engaged);
    Some(Reason { since: past, until: next, ..reason })
}

/// Order 117: the data are verified before the first session, and again at least every six months. There is no grace.
fn verification(operator: &OperatorFact, now: Timestamp) -> Option<Reason> {
    let fact = || Fact::Operator(Box::new(operator.clone()));
    let Some(until) = operator.verified_until else {
        return Some(Reason::new(ReasonCode::OperatorUnverified, fact(), Requirement::OperatorVerified));
    };
    (now >= until).then(|| Reason {
        since: Some(until),
        ..Reason::new(ReasonCode::OperatorRecheckOverdue, fact(), Requirement::OperatorRechecked)
    })
}

/// E-Commerce Law 电子商务法, art. 12: whoever needs a licence by law has one.
fn licences<'a>(
    rules: &'a RuleSet,
    operator: &'a OperatorFact,
    sale: &'a Sale,
    now: Timestamp,
) -> impl Iterator<Item = Reason> + 'a {
    let missing = sale.categories.iter().filter(move |category| rules.needs_licence(category, now));
    let missing = missing.filter(move |category| !operator.is_licensed(category, now));
    missing.map(move |category| {
        let of = operator.licences.iter().filter(|licence| licence.category == *category);
        let since = of.clone().filter_map(|licence| licence.until).filter(|until| *until <= now).max();
        let until = of.map(|licence| licence.from).filter(|from| *from > now).min();
        let fact = Fact::Operator(Box::new(operator.clone()));
        let requirement = Requirement::OperatorLicensed { category: category.clone() };
        let reason = Reason::new(ReasonCode::OperatorLicenceMissing, fact, requirement);
        Reason { since, until, ..reason }
    })
}

#[cfg(test)]
mod tests;
