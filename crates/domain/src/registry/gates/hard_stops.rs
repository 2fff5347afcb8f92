//! What bars a person whatever else is the case: blocklists and sanctions.

use crate::kernel::Timestamp;
use crate::registry::conduct::{ListKeeper, ListingFact, Measure, SanctionFact};
use crate::registry::facts::Facts;
use crate::registry::question::Question;
use crate::registry::reason::{Fact, Reason, ReasonCode, Requirement};

/// Every entry and every sanction that stands against the person at `now`.
pub(in crate::registry) fn reasons(facts: &Facts, question: &Question, now: Timestamp) -> Vec<Reason> {
    let listed = facts.listings.iter().filter(|listing| listing.holds(now)).map(listed);
    let sanctioned = facts.sanctions.iter().filter(|sanction| sanction.holds(now));
    listed.chain(sanctioned.filter_map(|sanction| sanctioned_by(sanction, question))).collect()
}

/// What bars a person from every account of a platform, one that is still to come included. `facts` are those of a person
/// without an account.
///
/// An association's list is heeded by a platform's policy, and so bars from selling and from nothing else.
pub fn bars(facts: &Facts, now: Timestamp) -> Vec<Reason> {
    let mut bars = reasons(facts, &Question::default(), now);
    bars.retain(|reason| reason.code != ReasonCode::IndustryListed);
    bars.sort_by_key(|reason| reason.code);
    bars
}

/// Order 117, art. 14.
fn listed(listing: &ListingFact) -> Reason {
    let code = match listing.keeper {
        ListKeeper::Platform | ListKeeper::Regulator => ReasonCode::Blocklisted,
        ListKeeper::Association => ReasonCode::IndustryListed,
    };
    let fact = Fact::Listing(Box::new(listing.clone()));
    let reason = Reason::new(code, fact, Requirement::NotListed);
    Reason { since: Some(listing.from), until: listing.until, ..reason }
}

fn sanctioned_by(sanction: &SanctionFact, question: &Question) -> Option<Reason> {
    let code = match sanction.measure {
        Measure::Warning | Measure::TrafficLimit => return None,
        Measure::FunctionLimit if sanction.functions.is_disjoint(&question.sale.functions) => return None,
        Measure::FunctionLimit => ReasonCode::FunctionLimited,
        Measure::LiveSuspension => ReasonCode::LiveSuspended,
        Measure::TimedBan => ReasonCode::TimedBan,
        Measure::AccountClosure => ReasonCode::AccountClosed,
        Measure::ReregistrationBan => ReasonCode::ReregistrationForbidden,
        Measure::Blacklisting => ReasonCode::Blocklisted,
    };
    let reason = Reason::new(code, Fact::Sanction(Box::new(sanction.clone())), Requirement::NotSanctioned);
    Some(Reason { since: Some(sanction.from), until: sanction.until, ..reason })
}
